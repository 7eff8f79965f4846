import { EventEmitter, once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import {
  createGuardedHttp,
  type GuardedHttp,
  type GuardedHttpOptions,
  type HttpErrorCode,
  type HttpOutcome,
  type HttpResponse,
} from '../../src/index.js';
import { startServer, type Handler, type TestServer } from '../support/server.js';

const open: (() => Promise<void>)[] = [];

async function setup(
  handle: Handler,
  options: GuardedHttpOptions = { allow: ['127.0.0.0/8'] },
  host = '127.0.0.1',
): Promise<{ server: TestServer; http: GuardedHttp }> {
  const server = await startServer(handle, host);
  const http = createGuardedHttp(options);
  open.push(
    () => http.close(),
    () => server.close(),
  );
  return { server, http };
}

function response(outcome: HttpOutcome): HttpResponse {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.response;
}

function expectError(outcome: HttpOutcome, code: HttpErrorCode): void {
  expect(outcome).to.have.nested.property('error.code', code);
}

const reply =
  (body: string | Buffer, type?: string, status = 200): Handler =>
  (_request, answer) => {
    answer.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
  };

describe('guarded HTTP client', () => {
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  describe('allowlist', () => {
    const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const cases: [entry: (port: number) => string, host: string, opens: boolean][] = [
      [() => '127.0.0.0/8', '127.0.0.1', true],
      [() => '127.0.0.1', '127.0.0.1', true],
      [(port) => `127.0.0.1:${String(port)}`, '127.0.0.1', true],
      [() => '127.0.0.1:1', '127.0.0.1', false],
      [() => '10.0.0.0/8', '127.0.0.1', false],
      [() => 'api.internal', 'api.internal', true],
      [() => 'API.internal.', 'api.internal', true],
      [() => 'api.internal', 'api.internal.', true],
      [() => 'api.internal', 'xapi.internal', false],
      [(port) => `api.internal:${String(port)}`, 'api.internal', true],
      [() => 'api.internal:1', 'api.internal', false],
      [() => '*.internal', 'deep.api.internal', true],
      [() => '*.internal', 'internal', false],
      [() => '*.internal', 'evilinternal', false],
      [() => '127.0.0.0/8', 'any.example', true],
      [() => 'localhost', 'localhost', true],
      [() => '127.0.0.1', 'localhost', true],
    ];
    for (const [entry, host, opens] of cases) {
      it(`${entry(80)} ${opens ? 'opens' : 'does not open'} ${host}`, async () => {
        const server = await startServer(reply('hi', 'text/plain'));
        const http = createGuardedHttp({ allow: [entry(server.port)], resolve });
        open.push(
          () => http.close(),
          () => server.close(),
        );

        const outcome = await http.request({ url: `http://${host}:${String(server.port)}/` });

        if (opens) expect(response(outcome).body).to.equal('hi');
        else expectError(outcome, 'blocked_address');
        expect(server.seen).to.have.length(opens ? 1 : 0);
      });
    }
  });

  it('connects to the very address it checked, whatever the name answers next (rebinding)', async () => {
    let asked = 0;
    const answers = ['127.0.0.2', '127.0.0.1'];
    const { server, http } = await setup(
      reply('x'),
      {
        allow: ['127.0.0.2'],
        resolve: () => Promise.resolve([{ address: answers[asked++] ?? '127.0.0.1', family: 4 }]),
      },
      '0.0.0.0',
    );

    const url = `http://rebind.example:${String(server.port)}/`;
    const first = await http.request({ url, headers: { accept: 'a' } });

    expect(first.ok).to.equal(true);
    expect(asked).to.equal(1);
    expect(server.seen[0]?.localAddress).to.equal('127.0.0.2');
  });

  it('refuses the second connection when the name has turned to a forbidden address', async () => {
    let asked = 0;
    const { server, http } = await setup(
      (_request, answer) => answer.writeHead(200, { connection: 'close' }).end('x'),
      {
        allow: ['127.0.0.2'],
        resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }]),
      },
      '0.0.0.0',
    );
    const url = `http://rebind.example:${String(server.port)}/`;
    await http.request({ url });

    const second = await http.request({ url });

    expectError(second, 'blocked_address');
    expect(server.seen).to.have.length(1);
  });

  it('dials only the permitted ones among several addresses', async () => {
    const { server, http } = await setup(
      reply('x'),
      {
        allow: ['127.0.0.2'],
        resolve: () =>
          Promise.resolve([
            { address: '127.0.0.1', family: 4 },
            { address: '::1', family: 6 },
            { address: '127.0.0.2', family: 4 },
          ]),
      },
      '0.0.0.0',
    );

    const outcome = await http.request({ url: `http://mixed.example:${String(server.port)}/` });

    expect(outcome.ok).to.equal(true);
    expect(server.seen.map((seen) => seen.localAddress)).to.deep.equal(['127.0.0.2']);
  });

  describe('redirects', () => {
    const redirect =
      (status: number, location: string): Handler =>
      (request, answer) => {
        if (request.path === '/end') answer.end(request.method);
        else answer.writeHead(status, { location }).end();
      };

    it('checks every hop', async () => {
      const { server, http } = await setup(redirect(302, 'http://169.254.169.254/'));
      expectError(await http.request({ url: server.origin }), 'blocked_address');
    });

    it('refuses a hop to another scheme', async () => {
      const { server, http } = await setup(redirect(302, 'file:///etc/passwd'));
      expectError(await http.request({ url: server.origin }), 'invalid_url');
    });

    for (const [status, method, arrives] of [
      [301, 'POST', 'GET'],
      [302, 'POST', 'GET'],
      [303, 'PUT', 'GET'],
      [302, 'PUT', 'PUT'],
      [307, 'POST', 'POST'],
      [308, 'DELETE', 'DELETE'],
    ] as const) {
      it(`${String(status)} makes ${method} arrive as ${arrives}`, async () => {
        const { server, http } = await setup(redirect(status, '/end'));

        const outcome = await http.request({ url: `${server.origin}/start`, method, body: { a: 1 } });

        expect(response(outcome).body).to.equal(arrives);
        expect(response(outcome).url).to.equal(`${server.origin}/end`);
        const last = server.seen.at(-1);
        expect(last?.body).to.equal(arrives === 'GET' ? '' : '{"a":1}');
        expect(last?.headers['content-type']).to.equal(arrives === 'GET' ? undefined : 'application/json');
      });
    }

    it('drops credentials on the way to another origin and keeps them within one', async () => {
      const other = await startServer(reply('other'));
      open.push(() => other.close());
      const { server, http } = await setup((request, answer) => {
        const location = request.path === '/' ? '/same' : `${other.origin}/`;
        answer.writeHead(302, { location }).end();
      });
      const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', 'X-Trace': 't' };

      await http.request({ url: server.origin, headers });

      expect(server.seen[1]?.headers).to.include({
        authorization: 'Bearer x',
        cookie: 'a=b',
        'x-api-key': 'k',
      });
      expect(other.seen[0]?.headers).to.include({ 'x-trace': 't' });
      expect(other.seen[0]?.headers).to.not.have.any.keys('authorization', 'cookie', 'x-api-key');
    });

    it('stops after maxRedirects', async () => {
      const { server, http } = await setup(redirect(302, '/again'), {
        allow: ['127.0.0.1'],
        maxRedirects: 2,
      });
      expectError(await http.request({ url: server.origin }), 'too_many_redirects');
      expect(server.seen).to.have.length(3);
    });

    it('returns a redirect without location as it is', async () => {
      const { server, http } = await setup((_request, answer) => answer.writeHead(304).end());
      expect(response(await http.request({ url: server.origin })).status).to.equal(304);
    });
  });

  describe('request', () => {
    it('sends query, headers, JSON body and idempotency key', async () => {
      const { server, http } = await setup(reply('{}', 'application/json'));

      await http.request({
        method: 'post',
        url: `${server.origin}/p?a=1&b=2#part`,
        query: { b: [3, true], c: null, d: 'x y&z' },
        headers: { 'X-Number': 7 },
        body: { text: 'ü' },
        idempotencyKey: 'root/step/0',
      });

      const [seen] = server.seen;
      expect(seen).to.include({ method: 'POST', path: '/p?a=1&b=3&b=true&d=x+y%26z', body: '{"text":"ü"}' });
      expect(seen?.headers).to.include({
        'x-number': '7',
        'idempotency-key': 'root/step/0',
        'user-agent': 'millrace',
      });
    });

    for (const headers of [
      { Host: 'evil' },
      { connection: 'keep-alive' },
      { 'Transfer-Encoding': 'chunked' },
      { 'content-length': 1 },
      { upgrade: 'h2c' },
      { 'X-A': 'a\r\nX-B: b' },
      { 'X-A': 'a\nb' },
      { 'X-A': 'a\0b' },
      { 'X-A': '→' },
      { 'X A': 'a' },
      { 'X-A\r\nX-B': 'a' },
      { '': 'a' },
      { 'X-A': '1', 'x-a': '2' },
    ]) {
      it(`refuses the headers ${JSON.stringify(headers)}`, async () => {
        const { server, http } = await setup(reply('x'));
        const given: Record<string, string | number> = { ...headers };
        expectError(await http.request({ url: server.origin, headers: given }), 'invalid_request');
        expect(server.seen).to.deep.equal([]);
      });
    }

    for (const method of ['CONNECT', 'TRACE', 'GET / HTTP/1.1', '']) {
      it(`refuses the method ${JSON.stringify(method)}`, async () => {
        const { server, http } = await setup(reply('x'));
        expectError(await http.request({ url: server.origin, method }), 'invalid_request');
      });
    }
  });

  describe('response', () => {
    const bodies: [name: string, type: string | undefined, sent: string | Buffer, expected: unknown][] = [
      ['JSON', 'application/json', '{"a":[1]}', { a: [1] }],
      ['JSON with a suffix type', 'application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }],
      ['invalid JSON as text', 'application/json', '{oops', '{oops'],
      ['text', 'text/plain', 'héllo', 'héllo'],
      ['text in its charset', 'text/plain; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
      ['undeclared text', undefined, 'plain', 'plain'],
      ['nothing', 'application/json', '', null],
      [
        'binary',
        'image/png',
        Buffer.from([0, 255, 1]),
        { $binary: 'base64', content_type: 'image/png', bytes: 3, data: 'AP8B' },
      ],
    ];
    for (const [name, type, sent, expected] of bodies) {
      it(`reads ${name}`, async () => {
        const { server, http } = await setup(reply(sent, type));
        expect(response(await http.request({ url: server.origin })).body).to.deep.equal(expected);
      });
    }

    it('gives a status of 400 and more as a response, with plain headers', async () => {
      const { server, http } = await setup((_request, answer) => {
        answer
          .writeHead(503, { 'Retry-After': '3', 'Set-Cookie': ['a=1', 'b=2'], 'X-List': ['1', '2'] })
          .end('down');
      });

      const { status, headers } = response(await http.request({ url: server.origin }));

      expect(status).to.equal(503);
      expect(headers).to.deep.include({ 'retry-after': '3', 'set-cookie': ['a=1', 'b=2'], 'x-list': '1, 2' });
    });

    it('refuses a declared length over the limit', async () => {
      const { server, http } = await setup(reply('x'.repeat(2_000)));
      expectError(await http.request({ url: server.origin, maxBytes: 1_000 }), 'response_too_large');
    });

    it('accepts exactly the limit', async () => {
      const { server, http } = await setup(reply('x'.repeat(1_000)));
      expect(response(await http.request({ url: server.origin, maxBytes: 1_000 })).body).to.have.length(
        1_000,
      );
    });

    it('cuts an endless body at the limit', async () => {
      const { server, http } = await setup((_request, answer) => {
        const pump = (): void => {
          while (!answer.destroyed && answer.write('y'.repeat(10_000)));
          if (!answer.destroyed) answer.once('drain', pump);
        };
        pump();
      });
      expectError(await http.request({ url: server.origin, maxBytes: 100_000 }), 'response_too_large');
    });

    it('counts decompressed bytes', async () => {
      const bomb = gzipSync(Buffer.alloc(5_000_000));
      const { server, http } = await setup((_request, answer) => {
        answer.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      });
      expectError(await http.request({ url: server.origin, maxBytes: 100_000 }), 'response_too_large');
    });

    it('decompresses, and says so when the body is not what it claims', async () => {
      const { server, http } = await setup((request, answer) => {
        answer.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
        answer.end(request.path === '/good' ? gzipSync('{"a":1}') : 'not gzip');
      });
      expect(response(await http.request({ url: `${server.origin}/good` })).body).to.deep.equal({ a: 1 });
      expectError(await http.request({ url: `${server.origin}/bad` }), 'invalid_response');
    });
  });

  describe('failure', () => {
    it('times out as a whole', async () => {
      const { server, http } = await setup(() => undefined);
      const outcome = await http.request({ url: server.origin, timeoutMs: 50 });
      expectError(outcome, 'timeout');
      expect(outcome).to.have.nested.property('error.retryable', true);
    });

    it('times out in the middle of a body', async () => {
      const { server, http } = await setup((_request, answer) => {
        answer.writeHead(200).write('first');
      });
      expectError(await http.request({ url: server.origin, timeoutMs: 200 }), 'timeout');
    });

    it('aborts on the signal, and at once when it was aborted before', async () => {
      const abort = new AbortController();
      const { server, http } = await setup(() => {
        abort.abort();
      });
      expectError(await http.request({ url: server.origin, signal: abort.signal }), 'aborted');
      expectError(await http.request({ url: server.origin, signal: abort.signal }), 'aborted');
      expect(server.seen).to.have.length(1);
    });

    it('names a refused connection', async () => {
      const { server, http } = await setup(reply('x'));
      await server.close();
      expectError(await http.request({ url: server.origin }), 'connection_refused');
    });

    it('names a connection that breaks', async () => {
      const { server, http } = await setup((_request, answer) => answer.destroy());
      expectError(await http.request({ url: server.origin }), 'connection_failed');
    });

    it('names a TLS failure', async () => {
      const { server, http } = await setup(reply('x'));
      expectError(await http.request({ url: server.origin.replace('http:', 'https:') }), 'tls_failed');
    });

    it('names a resolver that never answers a connect timeout', async () => {
      const http = createGuardedHttp({ resolve: () => new Promise(() => undefined), connectTimeoutMs: 50 });
      open.push(() => http.close());
      expectError(await http.request({ url: 'http://slow.example/' }), 'connect_timeout');
    });

    it('refuses limits that make no sense', async () => {
      const { server, http } = await setup(reply('x'));
      expectError(await http.request({ url: server.origin, timeoutMs: 0 }), 'invalid_request');
      expectError(await http.request({ url: server.origin, maxBytes: Number.NaN }), 'invalid_request');
    });

    it('ends what is running when it closes, and closes twice', async () => {
      const arrived = new EventEmitter();
      const { server, http } = await setup(() => arrived.emit('request'));
      const request = once(arrived, 'request');
      const running = http.request({ url: server.origin });
      await request;
      await http.close();
      await http.close();
      expect((await running).ok).to.equal(false);
    });
  });
});
