import net from 'node:net';
import { expect } from 'chai';
import { type GatewayUnderTest, ONE_NODE, startGateway } from '../../support/platform.js';

const MIB = 1024 * 1024;

describe('HTTP manners', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway({ env: { CORS_ORIGINS: 'https://console.example.com' } });
  });
  after(() => gateway.stop());

  const admin = () => ({ token: gateway.admin.token });
  const json = (body: string) => ({ ...admin(), body, headers: { 'content-type': 'application/json' } });

  it('makes no difference of a trailing slash', async () => {
    const id = await gateway.createWorkflow();
    for (const path of [
      '/workflows',
      `/workflows/${id}`,
      '/workflows/protected',
      '/health/live',
      '/agents',
    ]) {
      expect((await gateway.request('GET', path, admin())).status, path).to.equal(200);
      expect((await gateway.request('GET', `${path}/`, admin())).status, `${path}/`).to.equal(200);
    }
    expect(
      (await gateway.request('POST', `/workflows/${id}/execute/`, { ...admin(), json: {} })).status,
    ).to.equal(202);
  });

  it('answers 405 with what is allowed', async () => {
    const { status, headers, body } = await gateway.request('DELETE', '/workflows/protected/', admin());

    expect(status).to.equal(405);
    expect(headers.get('allow')).to.equal('GET, HEAD, OPTIONS');
    expect(body.at('type')).to.equal('/errors/method_not_allowed');
    expect((await gateway.request('GET', '/workflows/visual/create', admin())).status).to.equal(405);
  });

  it('answers 404 with a problem where nothing is', async () => {
    for (const path of ['/nothing', '//nothing', '/workflows/a/b/c']) {
      const { status, body, headers } = await gateway.request('GET', path, admin());
      expect(status, path).to.equal(404);
      expect(headers.get('content-type')).to.equal('application/problem+json');
      expect(body.value).to.include.all.keys('type', 'title', 'status', 'detail', 'request_id');
    }
  });

  it('does not take a word of a route for an id', async () => {
    for (const path of ['/workflows/executions', '/workflows/visual', '/workflows/protected/executions']) {
      expect((await gateway.request('GET', path, admin())).status, path).to.equal(404);
    }
  });

  it('tells an id in capitals from a word of a route, and refuses it', async () => {
    const refused = await gateway.request('POST', '/workflows/visual/create', {
      ...admin(),
      json: { ...ONE_NODE, id: 'Protected' },
    });
    const unknown = await gateway.request('GET', '/workflows/PROTECTED', admin());

    expect([refused.status, refused.body.at('detail')]).to.deep.equal([422, 'body.id: is a reserved word']);
    expect([unknown.status, unknown.body.at('detail')]).to.deep.equal([404, 'Workflow PROTECTED not found']);
  });

  it('answers 422 to JSON that is no object, and to numbers beyond what is counted', async () => {
    const execution = await gateway.execute(await gateway.createWorkflow());

    for (const body of ['3', '"text"', 'null', '[]']) {
      const { status } = await gateway.request('POST', '/workflows/visual/create', json(body));
      expect(status, body).to.equal(422);
    }
    for (const seq of ['2147483648', '99999999999999999999']) {
      const path = `/executions/${execution}/events?after_seq=${seq}`;
      expect((await gateway.request('GET', path, admin())).status, seq).to.equal(422);
    }
  });

  it('answers with a problem even where no request could be made out', async () => {
    const answers = await Promise.all(
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'GARBAGE\r\n\r\n'].map((sent) =>
        raw(gateway.url, sent),
      ),
    );

    expect(answers.map((answer) => answer.split('\r\n', 1)[0])).to.deep.equal([
      'HTTP/1.1 431 Request Header Fields Too Large',
      'HTTP/1.1 400 Bad Request',
    ]);
    for (const answer of answers) {
      expect(answer.toLowerCase()).to.include('content-type: application/problem+json');
      const problem: unknown = JSON.parse(answer.split('\r\n\r\n')[1] ?? '');
      expect(problem).to.include.keys('type', 'title', 'status', 'detail', 'request_id');
    }
  });

  it('answers 400 to what cannot be understood', async () => {
    const malformed = await gateway.request('POST', '/workflows/visual/create', json('{"name": '));
    const percent = await gateway.request('GET', '/workflows/%E0%A4%A', admin());

    expect([malformed.status, percent.status]).to.deep.equal([400, 400]);
    expect(malformed.body.value).to.include({
      type: '/errors/malformed_json',
      detail: 'The body is not valid JSON',
    });
  });

  it('answers 413 to bodies over the limit, 4 MiB for definitions and 1 MiB for others', async () => {
    const id = await gateway.createWorkflow();
    const definition = (bytes: number) =>
      json(JSON.stringify({ ...ONE_NODE, description: 'x'.repeat(bytes) }));
    const parameters = (bytes: number) => json(JSON.stringify({ parameters: { text: 'x'.repeat(bytes) } }));

    const tooLarge = [
      await gateway.request('POST', '/workflows/visual/create', definition(5 * MIB)),
      await gateway.request('POST', `/workflows/${id}/execute`, parameters(MIB)),
    ];
    const allowed = [
      await gateway.request('POST', '/workflows/visual/create', definition(3 * MIB)),
      await gateway.request('POST', `/workflows/${id}/execute`, parameters(MIB - 100)),
    ];

    expect(tooLarge.map(({ status }) => status)).to.deep.equal([413, 413]);
    expect(tooLarge[0]?.body.at('type')).to.equal('/errors/body_too_large');
    // The description has a limit of its own.
    expect(allowed.map(({ status }) => status)).to.deep.equal([422, 202]);
  });

  it('answers 415 to other content types, and to none', async () => {
    const form = await gateway.request('POST', '/workflows/visual/create', {
      ...admin(),
      form: { name: 'x' },
    });
    const text = await gateway.request('POST', '/auth/login', { json: { username: 'a', password: 'b' } });

    expect([form.status, text.status]).to.deep.equal([415, 415]);
    expect(form.body.at('detail')).to.include('application/json');
  });

  it('answers 422 to bodies nested without end, and to keys that would be lost', async () => {
    const deep = `{"parameters": {"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    const id = await gateway.createWorkflow();

    const answers = [
      await gateway.request('POST', `/workflows/${id}/execute`, json(deep)),
      await gateway.request(
        'POST',
        `/workflows/${id}/execute`,
        json('{"parameters": {"__proto__": {"a": 1}}}'),
      ),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([422, 422]);
  });

  it('keeps a harmless request id and makes another of a harmful one', async () => {
    const kept = await gateway.request('GET', '/nothing', { headers: { 'x-request-id': 'trace-1.2_3' } });
    const made = await gateway.request('GET', '/nothing', { headers: { 'x-request-id': 'a b"<script>' } });

    expect(kept.headers.get('x-request-id')).to.equal('trace-1.2_3');
    expect(kept.body.at('request_id')).to.equal('trace-1.2_3');
    expect(made.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('sends the headers that protect, and none that boast', async () => {
    const { headers } = await gateway.request('GET', '/workflows', admin());

    expect(headers.get('x-powered-by')).to.equal(null);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('content-security-policy')).to.include("default-src 'none'");
  });

  it('lets the pages of configured origins in, and no others', async () => {
    const from = (origin: string, method = 'GET') =>
      gateway.request(method, '/health/live', {
        headers: { origin, ...(method === 'OPTIONS' && { 'access-control-request-method': 'GET' }) },
      });

    const allowed = await from('https://console.example.com');
    const preflight = await from('https://console.example.com', 'OPTIONS');
    const refused = await from('https://evil.example.com');

    expect(allowed.headers.get('access-control-allow-origin')).to.equal('https://console.example.com');
    expect(allowed.headers.get('access-control-allow-credentials')).to.equal(null);
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get('access-control-allow-headers')).to.include('Authorization');
    expect(refused.headers.get('access-control-allow-origin')).to.equal(null);
  });

  it('answers HEAD as GET without a body', async () => {
    const { status, text } = await gateway.request('HEAD', '/workflows', admin());

    expect([status, text]).to.deep.equal([200, '']);
  });

  it('survives what no client library sends', async () => {
    const answer = await raw(gateway.url, 'GET /api/v1/workflows\0 HTTP/1.1\r\nHost: x\r\n\r\n');

    expect(answer).to.match(/^HTTP\/1.1 400/);
    expect((await gateway.request('GET', '/health/live')).status).to.equal(200);
  });

  it('never sends a stack, SQL or a secret', async () => {
    const hostile = [
      await gateway.request('GET', "/workflows/x'%20OR%201=1--", admin()),
      await gateway.request('GET', '/workflows/%00', admin()),
      await gateway.request('GET', '/workflows?cursor=%00', admin()),
      await gateway.request('GET', '/workflows?search=%00&tag=%00', admin()),
      await gateway.request('GET', '/workflows?search=a%20%26%20!%27(%3A*', admin()),
      await gateway.request('GET', '/users/%00', admin()),
      await gateway.request('GET', '/executions?workflow=%00', admin()),
      await gateway.request('DELETE', '/api-keys/%00', admin()),
      await gateway.request('GET', '/blobs/%00', admin()),
      await gateway.request('POST', '/auth/login/json', { json: { username: '\0', password: '\0' } }),
    ];
    for (const { status, text } of hostile) {
      expect(status, text).to.be.oneOf([200, 400, 401, 404, 422]);
      expect(text).not.to.match(/ at .*\.(js|ts)|SELECT|node_modules/);
    }
  });
});

/** The whole answer to bytes as they are. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.end(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('close', () => {
      resolve(answer);
    });
    socket.once('error', reject);
  });
}
