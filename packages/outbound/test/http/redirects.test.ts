import { expect } from 'chai';
import { closeAll, endLater, expectError, reply, response, setup } from '../support/http.js';
import { startServer, type Handler } from '../support/server.js';

describe('guarded HTTP redirects', () => {
  afterEach(closeAll);

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
    endLater(() => other.close());
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

  it('keeps a header that holds a secret within its origin, whatever its name', async () => {
    const other = await startServer(reply('other'));
    endLater(() => other.close());
    const { server, http } = await setup((request, answer) => {
      answer.writeHead(302, { location: request.path === '/' ? '/same' : other.origin }).end();
    });

    await http.request({
      url: server.origin,
      headers: { 'X-Shop': 'k', 'X-Trace': 't' },
      secretHeaders: ['x-SHOP'],
    });

    expect(server.seen[1]?.headers).to.include({ 'x-shop': 'k' });
    expect(other.seen[0]?.headers).to.include({ 'x-trace': 't' });
    expect(other.seen[0]?.headers).not.to.have.property('x-shop');
  });

  it('gives a credential that was dropped not back on the way home', async () => {
    const { server, http } = await setup((request, answer) => {
      if (request.path === '/home') answer.end('home');
      else answer.writeHead(302, { location: away.origin }).end();
    });
    const away = await startServer((_request, answer) => {
      answer.writeHead(302, { location: `${server.origin}/home` }).end();
    });
    endLater(() => away.close());

    await http.request({ url: server.origin, headers: { Authorization: 'Bearer x' } });

    expect(server.seen.map((seen) => seen.headers.authorization)).to.deep.equal(['Bearer x', undefined]);
  });

  it('does not follow when asked not to', async () => {
    const { server, http } = await setup(redirect(302, '/end'));

    const { status, headers } = response(
      await http.request({ url: server.origin, redirects: { follow: false, max: 5 } }),
    );

    expect(status).to.equal(302);
    expect(headers['location']).to.equal('/end');
    expect(server.seen).to.have.length(1);
  });

  it('takes the number of hops from the request', async () => {
    const { server, http } = await setup(redirect(302, '/again'));

    const outcome = await http.request({ url: server.origin, redirects: { follow: true, max: 1 } });

    expectError(outcome, 'too_many_redirects');
    expect(server.seen).to.have.length(2);
  });

  for (const location of [
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    '//169.254.169.254/',
    'https://10.0.0.1/',
  ]) {
    it(`refuses a hop to ${location}`, async () => {
      const { server, http } = await setup(redirect(307, location));
      expectError(await http.request({ url: server.origin }), 'blocked_address');
    });
  }

  it('refuses a hop to a name that resolves to a forbidden address', async () => {
    const { server, http } = await setup(redirect(302, 'http://inside.example/'), {
      allow: ['127.0.0.1'],
      resolve: () => Promise.resolve([{ address: '10.0.0.1', family: 4 }]),
    });
    expectError(await http.request({ url: server.origin }), 'blocked_address');
  });

  for (const location of ['http://', 'http://[', `/${'x'.repeat(20_000)}`]) {
    it(`calls a hop to ${location.slice(0, 20)} unusable`, async () => {
      const { server, http } = await setup(redirect(302, location));
      expectError(await http.request({ url: server.origin }), 'invalid_redirect');
    });
  }

  for (const location of ['http://user:pw@127.0.0.1/', 'data:text/plain,x', 'http://127.0.0.1:0/']) {
    it(`refuses a hop to ${location}`, async () => {
      const { server, http } = await setup(redirect(302, location));
      expectError(await http.request({ url: server.origin }), 'invalid_url');
    });
  }
});
