import { createGateway } from '@millrace/gateway';
import { createAuthenticator } from '@millrace/service-kit';
import { expect } from 'chai';
import pg from 'pg';
import { pino } from 'pino';
import type { Answer } from '../../support/http.js';
import { type Account, type GatewayUnderTest, startGateway } from '../../support/platform.js';

const silent = pino({ level: 'silent' });

describe('accounts', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  const call = (who: Pick<Account, 'token'>, method: string, path: string, json?: object): Promise<Answer> =>
    gateway.request(method, path, { token: who.token, ...(json && { json }) });
  const keyOf = async (who: Account, json: object): Promise<Answer> => call(who, 'POST', '/api-keys', json);

  describe('of users', () => {
    const create = (json: object, who: Account = gateway.admin) => call(who, 'POST', '/users', json);

    it('are made with few rights, and listed without their password', async () => {
      const { status, body, text } = await create({
        username: 'ada',
        password: 'a long passphrase',
        email: 'a@b.example',
      });

      expect(status).to.equal(201);
      expect(body.value).to.deep.include({
        ...{ username: 'ada', email: 'a@b.example', full_name: null, disabled: false },
        scopes: ['workflow:read', 'workflow:execute'],
      });
      expect(text).not.to.include('password').and.not.to.include('argon2');
      expect((await call(gateway.admin, 'GET', '/users/ADA')).body.at('username')).to.equal('ada');
      const names = (await call(gateway.admin, 'GET', '/users')).body
        .list()
        .map((user) => user.at('username'));
      expect(names).to.include.members(['admin', 'user', 'ada']);
    });

    it('are refused when the name is taken, or the body is wrong', async () => {
      expect((await create({ username: 'ADMIN', password: 'a long passphrase' })).status).to.equal(409);
      for (const json of [
        { username: 'x y', password: 'a long passphrase' },
        { username: 'bob', password: 'short' },
        { username: 'bob', password: 'a long passphrase', scopes: ['root'] },
        { username: 'bob', password: 'a long passphrase', email: 'not an address' },
        { username: 'bob', password: 'a long passphrase', full_name: 'nul \0' },
        { username: 'bob', password: 'a long passphrase', colour: 'red' },
      ]) {
        expect((await create(json)).status, JSON.stringify(json)).to.equal(422);
      }
    });

    it('are listed page by page', async () => {
      const first = await call(gateway.admin, 'GET', '/users?limit=1');

      expect(first.body.list()).to.have.length(1);
      expect(first.headers.get('link')).to.match(/^<\/api\/v1\/users\?limit=1&cursor=[^>]+>; rel="next"$/);
    });

    it('are unknown under a name that is none', async () => {
      const { status, body } = await call(gateway.admin, 'PATCH', '/users/nobody', { disabled: true });

      expect([status, body.at('detail')]).to.deep.equal([404, 'User nobody not found']);
    });

    it('cannot be used by their manager to gain rights', async () => {
      const manager = await gateway.createUser({ scopes: ['user:manage', 'workflow:read'] });
      const { username } = await gateway.createUser({ scopes: ['workflow:read'] });

      const answers = [
        await create(
          { username: 'mole', password: 'a long passphrase', scopes: ['platform:admin'] },
          manager,
        ),
        await call(manager, 'PATCH', `/users/${username}`, { scopes: ['workflow:delete'] }),
        await call(manager, 'PATCH', `/users/${manager.username}`, {
          scopes: ['user:manage', 'platform:admin'],
        }),
        await call(manager, 'PATCH', '/users/admin', { password: 'taken over now' }),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403]);
      expect(
        (await call(manager, 'PATCH', `/users/${username}`, { full_name: 'Ada' })).body.at('full_name'),
      ).to.equal('Ada');
    });

    it('cannot lock themselves out', async () => {
      expect((await call(gateway.admin, 'PATCH', '/users/admin', { disabled: true })).status).to.equal(409);
      expect((await call(gateway.admin, 'PATCH', '/users/admin', { scopes: [] })).status).to.equal(409);
      const lessThanAdmin = await call(gateway.admin, 'PATCH', '/users/admin', { scopes: ['user:manage'] });
      expect([lessThanAdmin.status, lessThanAdmin.body.at('detail')]).to.deep.equal([
        409,
        "You cannot take 'platform:admin' from yourself",
      ]);
    });
  });

  describe('with API keys', () => {
    it('show a key once and then only its first characters', async () => {
      const who = await gateway.createUser();

      const { status, body } = await keyOf(who, { name: 'nightly' });

      expect(status).to.equal(201);
      const key = body.text('key');
      expect(key).to.match(/^mr_[A-Za-z0-9_-]{43}$/);
      const listed = await call(who, 'GET', '/api-keys');
      expect(listed.body.list()).to.have.length(1);
      expect(listed.body.at(0)).to.include({ name: 'nightly', prefix: key.slice(0, 10), last_used_at: null });
      expect(listed.text).not.to.include(key);
    });

    it('accept it wherever a token is, and remember when', async () => {
      const who = await gateway.createUser();
      const token = (await keyOf(who, { name: 'k' })).body.text('key');

      expect((await call({ token }, 'GET', '/auth/me')).body.at('username')).to.equal(who.username);
      expect((await call({ token }, 'GET', '/workflows')).status).to.equal(200);
      expect((await call(who, 'GET', '/api-keys')).body.at(0, 'last_used_at')).to.be.a('string');
    });

    it('give it no more than its own scopes, and no more than its user has', async () => {
      const who = await gateway.createUser({ scopes: ['workflow:read', 'workflow:execute'] });
      const token = (await keyOf(who, { name: 'k', scopes: ['workflow:read'] })).body.text('key');

      expect((await call({ token }, 'GET', '/auth/me')).body.at('scopes')).to.deep.equal(['workflow:read']);
      expect((await call({ token }, 'POST', '/workflows/x/execute', {})).status).to.equal(403);
      expect(
        (await call({ token }, 'POST', '/api-keys', { name: 'l', scopes: ['workflow:execute'] })).status,
      ).to.equal(403);
      expect((await keyOf(who, { name: 'm', scopes: ['platform:admin'] })).status).to.equal(403);
      await call(gateway.admin, 'PATCH', `/users/${who.username}`, { scopes: ['workflow:execute'] });
      expect((await call({ token }, 'GET', '/workflows')).status).to.equal(403);
    });

    it('end it when it is revoked, when it expires, and when its user is disabled', async () => {
      const who = await gateway.createUser();
      const [revoked, expired, kept] = [
        await keyOf(who, { name: 'a' }),
        await keyOf(who, { name: 'b', expires_at: new Date(Date.now() + 60_000).toISOString() }),
        await keyOf(who, { name: 'c' }),
      ];
      const status = async (created: Answer) =>
        (await call({ token: created.body.text('key') }, 'GET', '/auth/me')).status;
      expect([await status(revoked), await status(kept)]).to.deep.equal([200, 200]);

      await call(who, 'DELETE', `/api-keys/${revoked.body.text('id')}`);
      await sql("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [
        expired.body.text('id'),
      ]);

      expect([await status(revoked), await status(expired), await status(kept)]).to.deep.equal([
        401, 401, 200,
      ]);
      await call(gateway.admin, 'PATCH', `/users/${who.username}`, { disabled: true });
      expect(await status(kept)).to.equal(403);
    });

    it('belong to their user alone', async () => {
      const [one, other] = [await gateway.createUser(), await gateway.createUser()];
      const id = (await keyOf(one, { name: 'k' })).body.text('id');

      const { status, body } = await call(other, 'DELETE', `/api-keys/${id}`);

      expect([status, body.at('detail')]).to.deep.equal([404, `API key ${id} not found`]);
      expect((await call(other, 'GET', '/api-keys')).body.list()).to.deep.equal([]);
    });

    it('do not let one that leaked revoke others that can do more', async () => {
      const who = await gateway.createUser();
      const [small, big, equal] = [
        await keyOf(who, { name: 'small', scopes: ['workflow:read'] }),
        await keyOf(who, { name: 'big' }),
        await keyOf(who, { name: 'equal', scopes: ['workflow:read'] }),
      ];
      const revoke = async (credential: string, key: Answer) =>
        (await call({ token: credential }, 'DELETE', `/api-keys/${key.body.text('id')}`)).status;
      const leaked = small.body.text('key');

      expect(await revoke(leaked, big)).to.equal(403);
      expect(await revoke(leaked, equal)).to.equal(204);
      expect(await revoke(leaked, small)).to.equal(204);
      expect(await revoke(who.token, big)).to.equal(204);
    });

    it('refuse a wrong body', async () => {
      for (const json of [
        {},
        { name: '' },
        { name: 'x', scopes: [] },
        { name: 'x', expires_at: '2001-01-01T00:00:00Z' },
      ]) {
        expect((await keyOf(gateway.admin, json)).status, JSON.stringify(json)).to.equal(422);
      }
    });
  });

  describe('with stream tickets', () => {
    it('give one that works once, and allows no more than its maker may', async () => {
      const who = await gateway.createUser();
      const key = (await keyOf(who, { name: 'k', scopes: ['workflow:read'] })).body;
      const { status, body } = await call({ token: key.text('key') }, 'POST', '/ws/tickets');
      const pool = new pg.Pool({ connectionString: gateway.database.url });
      const authenticator = createAuthenticator({
        database: pool,
        jwtSecret: gateway.env['JWT_SECRET'] ?? '',
      });

      const outcomes = await Promise.all([1, 2].map(() => authenticator.redeemTicket(body.text('ticket'))));
      const redeemed = outcomes.flatMap((outcome) =>
        outcome.kind === 'authenticated' ? outcome.principal : [],
      );
      await call(who, 'DELETE', `/api-keys/${key.text('id')}`);
      const [principal] = redeemed;
      const later = principal && (await authenticator.recheck(principal));
      await pool.end();

      expect([status, body.at('expires_in')]).to.deep.equal([201, 30]);
      expect(redeemed).to.have.length(1);
      expect(principal).to.deep.include({
        username: who.username,
        scopes: ['workflow:read'],
        expiresAt: null,
      });
      expect(later).to.deep.equal({ kind: 'rejected' });
    });
  });

  it('of the first start stay as they are at the next, whatever the environment says', async () => {
    const { username } = gateway.user;
    await call(gateway.admin, 'PATCH', `/users/${username}`, { password: 'changed by the admin' });

    const second = createGateway({
      env: { ...gateway.env, USER_PASSWORD: 'from the environment' },
      log: silent,
    });
    await second.start();
    await second.stop();

    const again = { json: { username, password: 'from the environment' } };
    expect((await gateway.request('POST', '/auth/login/json', again)).status).to.equal(401);
    expect(await gateway.logIn(username, 'changed by the admin')).to.be.a('string');
  });

  async function sql(text: string, values: unknown[]): Promise<void> {
    const client = new pg.Client({ connectionString: gateway.database.url });
    await client.connect();
    await client.query(text, values);
    await client.end();
  }
});
