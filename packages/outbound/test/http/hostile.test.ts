/** Servers that do not speak HTTP as it was meant. Each of them ends in a clear error, at a limit, and harms nobody else. */
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createGuardedHttp } from '../../src/http/client.js';
import type { GuardedHttp, HttpErrorCode, HttpRequestSpec } from '../../src/http/types.js';
import { closeAll, endLater, expectError, response, setup } from '../support/http.js';
import { flood, type RawServer, startRawServer } from '../support/raw-server.js';

const OK = 'HTTP/1.1 200 OK\r\n';

async function setupRaw(
  answer: (socket: Socket, head: string) => void,
): Promise<{ server: RawServer; http: GuardedHttp }> {
  const server = await startRawServer(answer);
  const http = createGuardedHttp({ allow: ['127.0.0.0/8'] });
  endLater(
    () => http.close(),
    () => server.close(),
  );
  return { server, http };
}

describe('guarded HTTP client against hostile answers', () => {
  afterEach(closeAll);

  const attacks: [
    name: string,
    answer: (socket: Socket) => void,
    code: HttpErrorCode,
    spec?: Partial<HttpRequestSpec>,
  ][] = [
    [
      'headers without end',
      (socket) => {
        socket.write(OK);
        flood(socket, `x-fill: ${'a'.repeat(1_000)}\r\n`);
      },
      'response_too_large',
    ],
    [
      'one header line without end',
      (socket) => {
        socket.write(`${OK}x-fill: `);
        flood(socket, 'a'.repeat(10_000));
      },
      'response_too_large',
    ],
    [
      'trailers without end',
      (socket) => {
        socket.write(`${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n`);
        flood(socket, `x-fill: ${'a'.repeat(1_000)}\r\n`);
      },
      'response_too_large',
    ],
    [
      'a status line without end',
      (socket) => {
        socket.write('HTTP/1.1 200 ');
        flood(socket, 'a'.repeat(10_000));
      },
      'response_too_large',
      { timeoutMs: 5_000 },
    ],
    [
      'interim answers without end',
      (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
      'invalid_response',
    ],
    [
      'a chunk extension without end',
      (socket) => {
        socket.write(`${OK}transfer-encoding: chunked\r\n\r\n1;`);
        flood(socket, 'a'.repeat(10_000));
      },
      'response_too_large',
      { timeoutMs: 5_000 },
    ],
    [
      'chunks of one byte without end',
      (socket) => {
        socket.write(`${OK}transfer-encoding: chunked\r\n\r\n`);
        flood(socket, '1\r\na\r\n'.repeat(1_000));
      },
      'response_too_large',
      { maxBytes: 1_000_000 },
    ],
    [
      'a body without length and without end',
      (socket) => {
        socket.write(`${OK}\r\n`);
        flood(socket, 'a'.repeat(10_000));
      },
      'response_too_large',
      { maxBytes: 1_000_000 },
    ],
    [
      'empty gzip members without end',
      (socket) => {
        socket.write(`${OK}content-encoding: gzip\r\n\r\n`);
        flood(socket, gzipSync(''));
      },
      'response_too_large',
      { maxBytes: 1_000_000 },
    ],
    [
      'a chunk size that is no number',
      (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n`),
      'invalid_response',
    ],
    [
      'a chunk size beyond all integers',
      (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\na`),
      'invalid_response',
    ],
    [
      'two lengths that differ',
      (socket) => socket.end(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`),
      'invalid_response',
    ],
    [
      'a length and chunks',
      (socket) =>
        socket.end(`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`),
      'invalid_response',
    ],
    ['a negative length', (socket) => socket.end(`${OK}content-length: -1\r\n\r\nab`), 'invalid_response'],
    [
      'a length over the limit',
      (socket) => socket.write(`${OK}content-length: 99999999999\r\n\r\n`),
      'response_too_large',
    ],
    [
      'a body shorter than its length',
      (socket) => socket.end(`${OK}content-length: 100\r\n\r\nshort`),
      'connection_failed',
    ],
    [
      'chunks that break off',
      (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nab`),
      'connection_failed',
    ],
    ['an early close', (socket) => socket.end('HTTP/1.1 200'), 'connection_failed'],
    ['a reset', (socket) => socket.resetAndDestroy(), 'connection_failed'],
    ['another protocol', (socket) => socket.end('220 smtp.example ESMTP\r\n'), 'invalid_response'],
    ['a header with NUL', (socket) => socket.end(`${OK}x-a: a\0b\r\n\r\n`), 'invalid_response'],
    ['a folded header', (socket) => socket.end(`${OK}x-a: a\r\n b: c\r\n\r\n`), 'invalid_response'],
    [
      'an upgrade nobody asked for',
      (socket) => socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
      'connection_failed',
    ],
    [
      'a drip that never ends',
      (socket) => {
        socket.write(`${OK}content-length: 1000\r\n\r\n`);
        const drip = setInterval(() => socket.write('a'), 20);
        socket.once('close', () => clearInterval(drip));
      },
      'timeout',
      { timeoutMs: 200 },
    ],
    [
      'headers that drip',
      (socket) => {
        socket.write(OK);
        const drip = setInterval(() => socket.write('a'), 20);
        socket.once('close', () => clearInterval(drip));
      },
      'timeout',
      { timeoutMs: 200 },
    ],
    [
      'a redirect whose body drips',
      (socket) => {
        socket.write('HTTP/1.1 302 Found\r\nlocation: /next\r\ncontent-length: 1000\r\n\r\n');
        const drip = setInterval(() => socket.write('a'), 20);
        socket.once('close', () => clearInterval(drip));
      },
      'timeout',
      { timeoutMs: 200 },
    ],
    ['silence', () => undefined, 'timeout', { timeoutMs: 200 }],
  ];
  for (const [name, answer, code, spec] of attacks) {
    it(`ends ${name} with ${code}, and hangs up`, async () => {
      let hungUp: Promise<void> | undefined;
      const { server, http } = await setupRaw((socket) => {
        hungUp ??= new Promise((closed) => socket.once('close', () => closed()));
        answer(socket);
      });

      const outcome = await http.request({ url: server.origin, timeoutMs: 20_000, ...spec });

      expectError(outcome, code);
      await hungUp;
    });
  }

  it('reads no more than the length, and throws the connection away when more comes', async () => {
    const forged = `${OK}content-length: 6\r\n\r\nforged`;
    const { server, http } = await setupRaw((socket, head) => {
      const path = /^GET (\S+)/.exec(head)?.[1] ?? '';
      socket.write(
        `${OK}content-length: 4\r\n\r\n${path === '/1' ? 'real' : 'next'}${path === '/1' ? forged : ''}`,
      );
    });

    const first = await http.request({ url: `${server.origin}/1` });
    const second = await http.request({ url: `${server.origin}/2` });

    expect(response(first).body).to.equal('real');
    expect(response(second).body).to.equal('next');
    expect(server.connections()).to.equal(2);
  });

  it('takes a few interim answers before the real one', async () => {
    const { server, http } = await setupRaw((socket) =>
      socket.write(
        `HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
      ),
    );
    expect(response(await http.request({ url: server.origin })).body).to.equal('ok');
  });

  it('stops at once when it is aborted while the name is being resolved', async () => {
    const abort = new AbortController();
    const http = createGuardedHttp({
      resolve: () => {
        queueMicrotask(() => abort.abort());
        return new Promise(() => undefined);
      },
    });
    endLater(() => http.close());

    expectError(await http.request({ url: 'http://slow.example/', signal: abort.signal }), 'aborted');
  });

  it('stops at once when it is aborted in the middle of a body, and hangs up', async () => {
    const abort = new AbortController();
    let hungUp: Promise<void> | undefined;
    const { server, http } = await setupRaw((socket) => {
      hungUp = new Promise((closed) => socket.once('close', () => closed()));
      socket.write(`${OK}content-length: 10\r\n\r\nabc`, () => abort.abort());
    });

    expectError(await http.request({ url: server.origin, signal: abort.signal }), 'aborted');
    await hungUp;
  });

  for (const [name, encoding, bytes] of [
    ['gzip', 'gzip', gzipSync('{"a":1}')],
    ['gzip in upper case', 'GZIP', gzipSync('{"a":1}')],
    ['deflate', 'deflate', deflateSync('{"a":1}')],
    ['bare deflate', 'deflate', deflateRawSync('{"a":1}')],
    ['brotli', 'br', brotliCompressSync('{"a":1}')],
    ['two codings', 'deflate, gzip', gzipSync(deflateSync('{"a":1}'))],
    ['identity', 'identity', Buffer.from('{"a":1}')],
  ] as const) {
    it(`reads ${name}`, async () => {
      const { server, http } = await setup((_request, answer) => {
        answer
          .writeHead(200, { 'content-encoding': encoding, 'content-type': 'application/json' })
          .end(bytes);
      });
      const { body, bytes: size } = response(await http.request({ url: server.origin }));
      expect(body).to.deep.equal({ a: 1 });
      expect(size).to.equal(7);
    });
  }

  for (const [name, encoding, bytes] of [
    ['gzip', 'gzip', gzipSync(Buffer.alloc(20_000_000))],
    ['deflate', 'deflate', deflateSync(Buffer.alloc(20_000_000))],
    ['brotli', 'br', brotliCompressSync(Buffer.alloc(20_000_000))],
    ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc(20_000_000)))],
  ] as const) {
    it(`stops a bomb of ${name} at the limit`, async () => {
      const { server, http } = await setup((_request, answer) => {
        answer.writeHead(200, { 'content-encoding': encoding }).end(bytes);
      });
      expectError(await http.request({ url: server.origin, maxBytes: 100_000 }), 'response_too_large');
    });
  }

  for (const [name, encoding, bytes] of [
    ['gzip that breaks off', 'gzip', gzipSync('x'.repeat(1_000)).subarray(0, 20)],
    ['more codings than anybody needs', 'gzip, gzip, gzip, gzip', Buffer.from('x')],
    ['noise for brotli', 'br', Buffer.from([1, 2, 3, 4, 5])],
  ] as const) {
    it(`calls ${name} damaged`, async () => {
      const { server, http } = await setup((_request, answer) => {
        answer.writeHead(200, { 'content-encoding': encoding }).end(bytes);
      });
      expectError(await http.request({ url: server.origin }), 'invalid_response');
    });
  }

  it('gives the bytes of a coding it does not know', async () => {
    const { server, http } = await setup((_request, answer) => {
      answer.writeHead(200, { 'content-encoding': 'zstd', 'content-type': 'text/plain' }).end('abc');
    });
    const { body } = response(await http.request({ url: server.origin }));
    expect(body).to.include({ $binary: 'base64', data: 'YWJj' });
  });

  it('refuses JSON that nests without end', async () => {
    const { server, http } = await setup((_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' });
      answer.end('['.repeat(100_000) + ']'.repeat(100_000));
    });
    expectError(await http.request({ url: server.origin }), 'invalid_response');
  });

  it('takes headers with names of prototypes as plain names', async () => {
    const { server, http } = await setupRaw((socket) =>
      socket.write(`${OK}__proto__: a\r\nconstructor: b\r\ntoString: c\r\ncontent-length: 0\r\n\r\n`),
    );
    const { headers } = response(await http.request({ url: server.origin }));
    expect(headers).to.deep.include({ constructor: 'b', tostring: 'c' });
    expect(Object.getPrototypeOf(headers)).to.equal(Object.prototype);
  });
});
