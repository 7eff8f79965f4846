import { createHmac, randomUUID } from 'node:crypto';
import { signAccessToken } from '@millrace/service-kit';
import { expect } from 'chai';
import pg from 'pg';
import { ADMIN_PASSWORD, type GatewayUnderTest, startGateway } from '../../support/platform.js';

describe('authentication', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  const me = (token?: string) => gateway.request('GET', '/auth/me', token === undefined ? {} : { token });
  const logIn = (json: object) => gateway.request('POST', '/auth/login/json', { json });

  it('logs in by form, as OAuth2 clients send it, and ignores their other fields', async () => {
    const form = {
      grant_type: 'password',
      scope: '',
      username: 'admin',
      password: ADMIN_PASSWORD,
      client_id: 'x',
    };

    const { status, body, headers } = await gateway.request('POST', '/auth/login', { form });

    expect(status).to.equal(200);
    expect(body.at('token_type')).to.equal('bearer');
    expect(body.at('expires_in')).to.equal(1800);
    expect(body.text('refresh_token')).to.have.length.greaterThan(20);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect((await me(body.text('access_token'))).body.at('username')).to.equal('admin');
  });

  it('logs in by JSON and tells who one is', async () => {
    const { body } = await logIn({ username: 'ADMIN', password: ADMIN_PASSWORD });

    const answer = await me(body.text('access_token'));

    expect(answer.body.value).to.deep.include({
      username: 'admin',
      disabled: false,
      email: null,
      full_name: null,
    });
    expect(answer.body.at('scopes')).to.include.members(['workflow:delete', 'platform:admin']);
    expect((await me(gateway.user.token)).body.at('scopes')).to.deep.equal([
      'workflow:read',
      'workflow:execute',
    ]);
  });

  it('has the same words for an unknown user and a wrong password', async () => {
    const unknown = await logIn({ username: 'nobody', password: 'x' });
    const wrong = await logIn({ username: 'user', password: 'x' });

    for (const answer of [unknown, wrong]) {
      expect(answer.status).to.equal(401);
      expect(answer.body.at('detail')).to.equal('Incorrect username or password');
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer');
      expect(answer.headers.get('content-type')).to.equal('application/problem+json');
    }
  });

  it('refuses a log-in body without its fields', async () => {
    const { status, body } = await logIn({ username: 'admin' });

    expect(status).to.equal(422);
    expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'password']);
  });

  it('answers 401 without a token, and tells a bad one from none', async () => {
    const none = await me();
    const basic = await gateway.request('GET', '/auth/me', { headers: { authorization: 'Basic YTpi' } });
    const bad = await me('not-a-token');

    expect(none.status).to.equal(401);
    expect(none.body.at('detail')).to.equal('Not authenticated');
    expect(none.headers.get('www-authenticate')).to.equal('Bearer');
    expect(basic.body.at('detail')).to.equal('Not authenticated');
    expect(bad.status).to.equal(401);
    expect(bad.body.at('detail')).to.equal('Could not validate credentials');
  });

  it('refuses tokens that are expired, unsigned, of another secret, of nobody, or of another algorithm', async () => {
    const secret = gateway.env['JWT_SECRET'] ?? '';
    const { sub } = claimsOf(gateway.admin.token);
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub, iss: 'millrace', aud: 'millrace-api', exp: now + 60 };
    const tokens = {
      expired: signAccessToken(sub, secret, { lifetimeSeconds: -1 }),
      unsigned: `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
      otherSecret: signAccessToken(sub, 'y'.repeat(40)),
      nobody: signAccessToken(randomUUID(), secret),
      otherAlgorithm: sign({ alg: 'HS512' }, claims, secret, 'sha512'),
      otherAudience: sign({ alg: 'HS256' }, { ...claims, aud: 'elsewhere' }, secret, 'sha256'),
      withoutEnd: sign({ alg: 'HS256' }, { ...claims, exp: undefined }, secret, 'sha256'),
    };
    for (const [kind, token] of Object.entries(tokens)) {
      const answer = await me(token);
      expect(answer.status, kind).to.equal(401);
      expect(answer.body.at('detail'), kind).to.equal('Could not validate credentials');
    }
    expect((await me(sign({ alg: 'HS256' }, claims, secret, 'sha256'))).status).to.equal(200);
  });

  it('answers 403 to a disabled user, at log-in and with a token from before', async () => {
    const { username, password, token } = await gateway.createUser();
    await gateway.request('PATCH', `/users/${username}`, {
      token: gateway.admin.token,
      json: { disabled: true },
    });

    const withToken = await me(token);
    const atLogIn = await logIn({ username, password });
    const wrongPassword = await logIn({ username, password: 'wrong' });

    expect([withToken.status, atLogIn.status, wrongPassword.status]).to.deep.equal([403, 403, 401]);
    expect(atLogIn.body.at('detail')).to.equal('This account is disabled');
  });

  it('ends access when the password is reset: tokens and tickets from before, not keys and log-ins after', async () => {
    const { username, token } = await gateway.createUser();
    const key = await gateway.request('POST', '/api-keys', { token, json: { name: 'k' } });
    const ticket = await gateway.request('POST', '/ws/tickets', { token });
    const before = await gateway.gateway.authenticator.authenticate(token);
    const password = 'another long passphrase';
    await gateway.request('PATCH', `/users/${username}`, { token: gateway.admin.token, json: { password } });

    const old = await me(token);
    const redeemed = await gateway.gateway.authenticator.redeemTicket(ticket.body.text('ticket'));
    const later =
      before.kind === 'authenticated' && (await gateway.gateway.authenticator.recheck(before.principal));

    expect([old.status, old.body.at('detail')]).to.deep.equal([401, 'Could not validate credentials']);
    expect([redeemed, later]).to.deep.equal([{ kind: 'rejected' }, { kind: 'rejected' }]);
    expect((await me(key.body.text('key'))).status).to.equal(200);
    const fresh = await logIn({ username, password });
    expect((await me(fresh.body.text('access_token'))).status).to.equal(200);
    const refreshed = await gateway.request('POST', '/auth/refresh', {
      json: { refresh_token: fresh.body.text('refresh_token') },
    });
    expect((await me(refreshed.body.text('access_token'))).status).to.equal(200);
  });

  it('does not bring old tokens back with an account that is enabled again', async () => {
    const { username, password, token } = await gateway.createUser();
    for (const disabled of [true, false]) {
      await gateway.request('PATCH', `/users/${username}`, {
        token: gateway.admin.token,
        json: { disabled },
      });
    }

    expect((await me(token)).status).to.equal(401);
    expect((await logIn({ username, password })).status).to.equal(200);
  });

  it('takes scopes from the database, not from the token', async () => {
    const { username, token } = await gateway.createUser();
    const json = { scopes: ['workflow:read', 'user:manage'] };
    await gateway.request('PATCH', `/users/${username}`, { token: gateway.admin.token, json });

    expect((await gateway.request('GET', '/users', { token })).status).to.equal(200);
    expect(
      (await gateway.request('POST', '/workflows/x/execute', { token, json: {} })).body.at('detail'),
    ).to.equal("Operation requires 'workflow:execute' scope");
  });

  describe('refresh tokens', () => {
    const refresh = (refresh_token: string) =>
      gateway.request('POST', '/auth/refresh', { json: { refresh_token } });

    async function session(): Promise<string> {
      const { username, password } = await gateway.createUser();
      return (await logIn({ username, password })).body.text('refresh_token');
    }

    it('are exchanged for new ones', async () => {
      const first = await session();

      const answer = await refresh(first);

      expect(answer.status).to.equal(200);
      expect(answer.body.text('refresh_token')).not.to.equal(first);
      expect((await me(answer.body.text('access_token'))).status).to.equal(200);
    });

    it('forgive a repeat after a lost answer, and revoke the family after reuse', async () => {
      const first = await session();
      await refresh(first);
      const second = (await refresh(first)).body.text('refresh_token');
      const third = (await refresh(second)).body.text('refresh_token');

      const reused = await refresh(first);

      expect(reused.status).to.equal(401);
      expect(reused.body.at('detail')).to.equal('Could not validate credentials');
      expect((await refresh(third)).status).to.equal(401);
    });

    it('end with the log-out, of which an unknown token is no error', async () => {
      const token = await session();

      const answers = [
        await gateway.request('POST', '/auth/logout', { json: { refresh_token: token } }),
        await gateway.request('POST', '/auth/logout', { json: { refresh_token: 'unknown' } }),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([204, 204]);
      expect((await refresh(token)).status).to.equal(401);
    });

    it('end when the password is reset', async () => {
      const { username, password } = await gateway.createUser();
      const token = (await logIn({ username, password })).body.text('refresh_token');
      const json = { password: 'another passphrase' };
      await gateway.request('PATCH', `/users/${username}`, { token: gateway.admin.token, json });

      expect((await refresh(token)).status).to.equal(401);
      expect((await logIn({ username, password })).status).to.equal(401);
      expect((await logIn({ username, ...json })).status).to.equal(200);
    });

    it('are stored hashed', async () => {
      const token = await session();
      const client = new pg.Client({ connectionString: gateway.database.url });
      await client.connect();
      const { rows } = await client.query<{ row: string }>('SELECT t::text AS row FROM refresh_tokens t');
      await client.end();

      expect(rows.map(({ row }) => row).join()).not.to.include(token);
    });
  });

  it('throttles failed log-ins of a user from an address, and nobody else', async () => {
    const { username, password } = await gateway.createUser();
    for (let failure = 0; failure < 10; failure += 1) await logIn({ username, password: 'wrong' });

    const blocked = await logIn({ username, password });

    expect(blocked.status).to.equal(429);
    expect(Number(blocked.headers.get('retry-after'))).to.be.within(1, 60);
    expect(blocked.body.at('type')).to.equal('/errors/rate_limited');
    expect((await logIn({ username: 'admin', password: ADMIN_PASSWORD })).status).to.equal(200);
  });

  it('does not let a burst of guesses past the throttle', async () => {
    const { username } = await gateway.createUser();

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => logIn({ username, password: 'wrong' })),
    );

    expect(answers.filter(({ status }) => status === 401).length).to.be.within(10, 12);
    expect(answers.filter(({ status }) => status === 429).length).to.be.greaterThan(17);
  });
});

function claimsOf(token: string): { sub: string } {
  const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (typeof parsed !== 'object' || parsed === null || !('sub' in parsed)) throw new Error('not a token');
  return { sub: String(parsed.sub) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(header: object, claims: object, secret: string, hash: string): string {
  const text = `${encode({ typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}
