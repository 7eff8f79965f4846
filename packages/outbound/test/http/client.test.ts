import { EventEmitter, once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createGuardedHttp } from '../../src/http/client.js';
import { closeAll, endLater, expectError, reply, response, setup } from '../support/http.js';
import { startRawServer } from '../support/raw-server.js';
import { startServer } from '../support/server.js';

describe('guarded HTTP client', () => {
  afterEach(async () => {
    await closeAll();
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
        endLater(
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

  it('reuses no connection for a name that was not judged, though both lead to one address', async () => {
    const { server, http } = await setup(reply('x'), {
      allow: ['open.example'],
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    const urlOf = (host: string): string => `http://${host}:${String(server.port)}/`;

    const open = await http.request({ url: urlOf('open.example') });
    const closed = await http.request({ url: urlOf('closed.example') });
    const literal = await http.request({ url: urlOf('127.0.0.1') });

    expect(open.ok).to.equal(true);
    expectError(closed, 'blocked_address');
    expectError(literal, 'blocked_address');
    expect(server.seen).to.have.length(1);
  });

  it('judges each answer of a name that alternates, and dials only what it judged', async () => {
    let asked = 0;
    const { server, http } = await setup(
      (_request, answer) => answer.writeHead(200, { connection: 'close' }).end(),
      {
        allow: ['127.0.0.2'],
        resolve: () =>
          Promise.resolve([{ address: asked++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }]),
      },
      '0.0.0.0',
    );
    const url = `http://alternating.example:${String(server.port)}/`;

    const outcomes: boolean[] = [];
    for (let turn = 0; turn < 6; turn += 1) outcomes.push((await http.request({ url })).ok);

    expect(outcomes).to.deep.equal([true, false, true, false, true, false]);
    expect(new Set(server.seen.map((seen) => seen.localAddress))).to.deep.equal(new Set(['127.0.0.2']));
  });

  it('asks no proxy of the environment', async () => {
    const proxy = await startServer(reply('proxied'));
    const { server, http } = await setup(reply('direct'));
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = proxy.origin;
    endLater(proxy.close, () => {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
      return Promise.resolve();
    });

    const outcome = await http.request({ url: server.origin });

    expect(response(outcome).body).to.equal('direct');
    expect(proxy.seen).to.deep.equal([]);
  });

  describe('request', () => {
    for (const [path, sent] of [
      ['/a\r\nX-Evil: 1', '/aX-Evil:%201'],
      ['/a%0d%0aX-Evil:1', '/a%0d%0aX-Evil:1'],
      ['/a b?c=d\u0000e f', '/a%20b?c=d%00e%20f'],
      ['//evil.example/x', '//evil.example/x'],
      ['/http://evil.example/', '/http://evil.example/'],
      ['?q=ü', '/?q=%C3%BC'],
    ] as const) {
      it(`sends the path ${JSON.stringify(path)} in origin form, as one line`, async () => {
        const raw = await startRawServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
        endLater(() => raw.close());
        const { http } = await setup(reply('x'));

        await http.request({ url: `${raw.origin}${path}` });

        const [line, host] = raw.heads[0]?.split('\r\n') ?? [];
        expect(line).to.equal(`GET ${sent} HTTP/1.1`);
        expect(host).to.equal(`host: 127.0.0.1:${String(raw.port)}`);
        expect(raw.heads[0]).not.to.match(/^X-Evil/im);
      });
    }

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
      endLater(() => http.close());
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
