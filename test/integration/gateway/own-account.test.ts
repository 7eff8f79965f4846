import { expect } from 'chai';
import type { Answer, Json } from '../../support/http.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };
const NEW_PASSWORD = 'another long passphrase';

describe('one’s own account', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  interface Signed {
    username: string;
    password: string;
    /** The access token. */
    token: string;
    refreshToken: string;
  }

  async function signIn({ username, password }: { username: string; password: string }): Promise<Signed> {
    const answer = await gateway.request('POST', '/auth/login/json', { json: { username, password } });
    return signed(answer, { username, password });
  }

  const signed = ({ body }: Answer, who: { username: string; password: string }): Signed => ({
    ...who,
    token: body.text('access_token'),
    refreshToken: body.text('refresh_token'),
  });

  /** A user with two sessions. */
  async function twice(): Promise<[Signed, Signed]> {
    const who = await gateway.createUser();
    return [await signIn(who), await signIn(who)];
  }

  const call = (token: string, method: string, path: string, json?: object): Promise<Answer> =>
    gateway.request(method, path, { token, ...(json && { json }) });
  const refresh = ({ refreshToken }: Signed) =>
    gateway.request('POST', '/auth/refresh', { json: { refresh_token: refreshToken } });
  const changePassword = (who: Signed, current = who.password, next = NEW_PASSWORD) =>
    call(who.token, 'POST', '/auth/password', { current_password: current, new_password: next });

  /** Access and refresh token: 200 while the session is live. */
  async function liveness(who: Signed): Promise<number[]> {
    return [(await call(who.token, 'GET', '/auth/me')).status, (await refresh(who)).status];
  }

  describe('password', () => {
    it('is changed by who knows it; this session goes on with new tokens, the others end', async () => {
      const [here, elsewhere] = await twice();

      const answer = await changePassword(here);

      expect(answer.status).to.equal(200);
      const after = signed(answer, { username: here.username, password: NEW_PASSWORD });
      expect(await liveness(after)).to.deep.equal([200, 200]);
      expect(await liveness(elsewhere)).to.deep.equal([401, 401]);
      expect((await call(here.token, 'GET', '/auth/me')).status).to.equal(401);
      expect((await signIn(after)).token).to.be.a('string');
      const old = { username: here.username, password: here.password };
      expect((await gateway.request('POST', '/auth/login/json', { json: old })).status).to.equal(401);
    });

    it('answers the refresh token in the cookie where it was', async () => {
      const who = await signIn(await gateway.createUser());
      const json = { current_password: who.password, new_password: NEW_PASSWORD };
      const change = (headers: Record<string, string>) =>
        gateway.request('POST', '/auth/password?session=cookie', { token: who.token, json, headers });

      const foreign = await change({ origin: 'https://evil.example' });
      const answer = await change(OWN_PAGE);

      expect(foreign.status).to.equal(403);
      expect(answer.status).to.equal(200);
      expect(answer.body.at('refresh_token')).to.equal(undefined);
      expect(answer.headers.get('set-cookie')).to.match(/^millrace_refresh=.{43}; .*HttpOnly/);
    });

    it('is not changed with a wrong one, a short one or the same one', async () => {
      const who = await signIn(await gateway.createUser());

      const answers = [
        await changePassword(who, 'wrong'),
        await changePassword(who, who.password, 'short'),
        await changePassword(who, who.password, who.password),
        await call(who.token, 'POST', '/auth/password', { new_password: NEW_PASSWORD }),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([422, 422, 422, 422]);
      expect(answers.map(({ body }) => body.at('errors', 0, 'loc', 1))).to.deep.equal([
        ...['current_password', 'new_password', 'new_password', 'current_password'],
      ]);
      expect(await liveness(who)).to.deep.equal([200, 200]);
    });

    it('cannot be guessed: failures count like those of log-ins', async () => {
      const who = await signIn(await gateway.createUser());
      for (let failure = 0; failure < 10; failure += 1) await changePassword(who, 'wrong');

      const blocked = await changePassword(who);

      expect(blocked.status).to.equal(429);
      expect(Number(blocked.headers.get('retry-after'))).to.be.within(1, 60);
      const { username, password } = who;
      const logIn = await gateway.request('POST', '/auth/login/json', { json: { username, password } });
      expect(logIn.status).to.equal(429);
    });

    it('leaves API keys alone', async () => {
      const who = await signIn(await gateway.createUser());
      const key = (await call(who.token, 'POST', '/api-keys', { name: 'k' })).body.text('key');

      await changePassword(who);

      expect((await call(key, 'GET', '/auth/me')).status).to.equal(200);
    });
  });

  describe('sessions', () => {
    const list = async (who: Signed): Promise<Json[]> =>
      (await call(who.token, 'GET', '/auth/sessions')).body.list();

    it('are listed with where they are used, and which of them this is', async () => {
      const { username, password } = await gateway.createUser();
      const answer = await gateway.request('POST', '/auth/login/json', {
        json: { username, password },
        headers: { 'user-agent': `Firefox ${'x'.repeat(1_000)}` },
      });
      const who = signed(answer, { username, password });

      const [newest, first] = await list(who);

      expect(newest?.value).to.include({ current: true, address: '127.0.0.1' });
      expect(newest?.text('user_agent'))
        .to.match(/^Firefox x+$/)
        .and.have.length(300);
      expect(newest?.value).to.have.keys(
        ...['id', 'created_at', 'last_used_at', 'expires_at', 'address', 'user_agent', 'current'],
      );
      expect(first?.at('current')).to.equal(false);
    });

    it('are listed page by page', async () => {
      const [, who] = await twice();

      const page = await call(who.token, 'GET', '/auth/sessions?limit=1');

      expect(page.body.list()).to.have.length(1);
      expect(page.headers.get('link')).to.match(
        /^<\/api\/v1\/auth\/sessions\?limit=1&cursor=[^>]+>; rel="next"$/,
      );
    });

    it('are ended one by one, with their access tokens, tickets and streams', async () => {
      const [here, elsewhere] = await twice();
      const { authenticator } = gateway.gateway;
      const before = await authenticator.authenticate(elsewhere.token);
      const ticket = (await call(elsewhere.token, 'POST', '/ws/tickets')).body.text('ticket');
      const other = (await list(here)).find((session) => session.at('current') === false);

      const answer = await call(here.token, 'DELETE', `/auth/sessions/${other?.text('id') ?? ''}`);

      expect(answer.status).to.equal(204);
      expect(await liveness(elsewhere)).to.deep.equal([401, 401]);
      expect(await authenticator.redeemTicket(ticket)).to.deep.equal({ kind: 'rejected' });
      expect(
        before.kind === 'authenticated' && (await authenticator.recheck(before.principal)),
      ).to.deep.equal({
        kind: 'rejected',
      });
      expect(await liveness(here)).to.deep.equal([200, 200]);
    });

    it('end by a log-out with their access tokens, and by the reuse of a token', async () => {
      const [one, other] = await twice();
      await gateway.request('POST', '/auth/logout', { json: { refresh_token: one.refreshToken } });
      const second = signed(await refresh(other), other);
      await refresh(second);
      await refresh(other);

      expect((await call(one.token, 'GET', '/auth/me')).status).to.equal(401);
      expect((await call(second.token, 'GET', '/auth/me')).status).to.equal(401);
    });

    it('are unknown to others, once they have ended, and under a name that is none', async () => {
      const [here] = await twice();
      const stranger = await signIn(await gateway.createUser());
      const other = (await list(here)).find((session) => session.at('current') === false);
      const id = other?.text('id') ?? '';
      const end = (who: Signed, wanted: string) => call(who.token, 'DELETE', `/auth/sessions/${wanted}`);

      const answers = [
        await end(stranger, id),
        await end(here, id),
        await end(here, id),
        await end(here, 'x'),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([404, 204, 404, 404]);
      expect(answers[0]?.body.at('detail')).to.equal(`Session ${id} not found`);
    });

    it('end all at once, this one included', async () => {
      const [here, elsewhere] = await twice();

      const answer = await call(here.token, 'POST', '/auth/logout/all');

      expect(answer.status).to.equal(204);
      expect(await liveness(here)).to.deep.equal([401, 401]);
      expect(await liveness(elsewhere)).to.deep.equal([401, 401]);
      expect(await list(await signIn(here))).to.have.length(1);
    });

    it('take their cookie along when they end themselves', async () => {
      const who = await gateway.createUser();
      const end = async (method: string, path: (id: string) => string) => {
        const here = await signIn(who);
        const current = (await list(here)).find((session) => session.at('current') === true);
        return gateway.request(method, path(current?.text('id') ?? ''), {
          token: here.token,
          headers: { cookie: 'millrace_refresh=x' },
        });
      };

      const answers = [
        await end('DELETE', (id) => `/auth/sessions/${id}`),
        await end('POST', () => '/auth/logout/all'),
      ];

      for (const { status, headers } of answers) {
        expect(status).to.equal(204);
        expect(headers.get('set-cookie')).to.match(/^millrace_refresh=; .*Max-Age=0/);
      }
    });
  });

  it('has an address and a name that can be changed, and nothing else', async () => {
    const { token, username } = await gateway.createUser();
    const change = (json: object) => call(token, 'PATCH', '/auth/me', json);

    const answer = await change({ email: 'ada@example.com', full_name: 'Ada Lovelace' });
    const part = await change({ full_name: null });

    expect(answer.status).to.equal(200);
    expect(answer.body.value).to.deep.include({
      username,
      email: 'ada@example.com',
      full_name: 'Ada Lovelace',
    });
    expect(part.body.value).to.deep.include({ email: 'ada@example.com', full_name: null });
    expect((await call(token, 'GET', '/auth/me')).body.value).to.deep.equal(part.body.value);
    for (const json of [
      { email: 'none' },
      { scopes: ['platform:admin'] },
      { username: 'root' },
      { disabled: false },
    ]) {
      expect((await change(json)).status, JSON.stringify(json)).to.equal(422);
    }
  });
});
