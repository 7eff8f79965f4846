import { createClient } from '@millrace/client';
import { expect } from 'chai';
import type { Answer } from '../../support/http.js';
import { type Account, type GatewayUnderTest, startGateway } from '../../support/platform.js';

/** What a browser adds to a request of our own page, at an address where it tells where requests come from. */
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('sessions of browsers', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway({ env: { TRUST_PROXY: 'loopback' } });
  });
  after(() => gateway.stop());

  const me = (token: string) => gateway.request('GET', '/auth/me', { token });

  async function logIn(who?: Account, headers: Record<string, string> = OWN_PAGE): Promise<Answer> {
    const { username, password } = who ?? (await gateway.createUser());
    const json = { username, password };
    return gateway.request('POST', '/auth/login/json?session=cookie', { json, headers });
  }

  /** What the browser sends back of an answer. */
  function cookieOf(answer: Answer): string {
    return answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  }

  const post = (path: string, cookie: string, headers: Record<string, string> = OWN_PAGE): Promise<Answer> =>
    gateway.request('POST', path, { headers: { ...JSON_TYPE, cookie, ...headers }, body: '{}' });
  const refresh = (cookie: string, headers?: Record<string, string>): Promise<Answer> =>
    post('/auth/refresh', cookie, headers);

  it('have their refresh token in a cookie that no script reads, and not in the body', async () => {
    const answer = await logIn();

    expect(answer.status).to.equal(200);
    expect(answer.body.value).to.have.all.keys('access_token', 'token_type', 'expires_in');
    expect(answer.headers.getSetCookie()).to.have.length(1);
    const [value, ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ');
    expect(value).to.match(/^millrace_refresh=[A-Za-z0-9_-]{43}$/);
    const [lifetime, ...others] = attributes.sort((a, b) => Number(/Max/.test(b)) - Number(/Max/.test(a)));
    expect(Number(lifetime?.split('=')[1])).to.be.within(14 * 86_400 - 60, 14 * 86_400);
    expect(others).to.have.members(['Path=/api/v1/auth', 'HttpOnly', 'SameSite=Strict']);
    expect((await me(answer.body.text('access_token'))).status).to.equal(200);
  });

  it('begin with a form as well', async () => {
    const { username, password } = await gateway.createUser();
    const form = { username, password };

    const answer = await gateway.request('POST', '/auth/login?session=cookie', { form, headers: OWN_PAGE });

    expect(answer.status).to.equal(200);
    expect(answer.body.at('refresh_token')).to.equal(undefined);
    expect((await refresh(cookieOf(answer))).status).to.equal(200);
  });

  it('have a cookie for HTTPS alone where the proxy says that it was HTTPS', async () => {
    const answer = await logIn(undefined, { ...OWN_PAGE, 'x-forwarded-proto': 'https' });

    expect(answer.headers.get('set-cookie')).to.match(/; Secure$/);
  });

  it('are renewed by the cookie, which is replaced', async () => {
    const first = await logIn();

    const answer = await refresh(cookieOf(first));

    expect(answer.status).to.equal(200);
    expect(answer.body.at('refresh_token')).to.equal(undefined);
    expect((await me(answer.body.text('access_token'))).status).to.equal(200);
    expect(cookieOf(answer))
      .to.match(/^millrace_refresh=.{43}$/)
      .and.not.to.equal(cookieOf(first));
    expect((await refresh(cookieOf(answer))).status).to.equal(200);
  });

  it('go on when tabs renew at the same moment, with whichever cookie came last', async () => {
    const cookie = cookieOf(await logIn());

    const answers = await Promise.all([1, 2, 3].map(() => refresh(cookie)));

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    for (const answer of answers) {
      expect((await me(answer.body.text('access_token'))).status).to.equal(200);
    }
    const [last] = answers;
    expect(last && (await refresh(cookieOf(last))).status).to.equal(200);
  });

  it('end when a cookie is used again later: it leaked', async () => {
    const first = cookieOf(await logIn());
    const second = cookieOf(await refresh(first));
    const third = cookieOf(await refresh(second));

    const reused = await refresh(first);

    expect(reused.status).to.equal(401);
    expect((await refresh(third)).status).to.equal(401);
  });

  it('end with the log-out, which takes the cookie away', async () => {
    const cookie = cookieOf(await logIn());

    const answer = await post('/auth/logout', cookie);

    expect(answer.status).to.equal(204);
    expect(answer.headers.get('set-cookie')).to.match(/^millrace_refresh=; Path=\/api\/v1\/auth; Max-Age=0;/);
    expect((await refresh(cookie)).status).to.equal(401);
  });

  it('prefer the token of the body, and answer there', async () => {
    const cookie = cookieOf(await logIn());
    const { username, password } = await gateway.createUser();
    const other = await gateway.request('POST', '/auth/login/json', { json: { username, password } });
    const json = { refresh_token: other.body.text('refresh_token') };

    const answer = await gateway.request('POST', '/auth/refresh', { json, headers: { cookie } });

    expect((await me(answer.body.text('access_token'))).body.at('username')).to.equal(username);
    expect(answer.body.text('refresh_token')).to.have.length(43);
    expect(answer.headers.get('set-cookie')).to.equal(null);
  });

  it('are unknown without a token anywhere', async () => {
    const answer = await post('/auth/refresh', 'other=1; millrace_refresh=');

    expect([answer.status, answer.body.at('detail')]).to.deep.equal([
      401,
      'There is no refresh token, neither in the body nor in a cookie',
    ]);
    expect((await post('/auth/logout', '')).status).to.equal(204);
  });

  it('are shared by the tabs of one browser, which see, change and end them through the client', async () => {
    const { username, password } = await gateway.createUser();
    const browser = cookieJar(gateway.url);
    const tab = () =>
      createClient({
        baseUrl: gateway.url,
        credentials: { session: 'cookie' },
        fetch: browser,
        validate: true,
      });
    const [one, other] = [tab(), tab()];
    const change = { current_password: password, new_password: 'another long passphrase' };

    await one.auth.login({ username, password }, { session: 'cookie' });
    const users = await Promise.all([other.auth.me(), tab().auth.me(), tab().auth.me()]);
    await one.auth.changePassword(change);
    const changed = await other.auth.updateMe({ full_name: 'Ada' });
    const { items } = await one.auth.sessions();
    await one.auth.logoutAll();

    expect(users.map((user) => user.username)).to.deep.equal([username, username, username]);
    expect(changed.full_name).to.equal('Ada');
    expect(items.map(({ current }) => current)).to.deep.equal([true]);
    for (const client of [one, other, tab()]) {
      expect(await client.auth.me().catch((error: unknown) => error)).to.include({ status: 401 });
    }
  });

  describe('are for pages of the same origin alone', () => {
    const own = (): Record<string, string> => ({ origin: gateway.url });
    const words =
      'Only pages of this very address may use the cookie of a session; programs send the refresh token in the body';

    const cases: [what: string, headers: () => Record<string, string>, allowed: boolean][] = [
      ['a page of the same origin', () => ({ ...own(), ...OWN_PAGE }), true],
      ['one whose browser tells no site', own, true],
      ['one in capitals', () => ({ origin: gateway.url.toUpperCase() }), true],
      [
        'one behind a proxy that speaks TLS',
        () => ({ origin: 'https://console.example.com', 'x-forwarded-host': 'console.example.com' }),
        true,
      ],
      [
        'a page of another site',
        () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
        false,
      ],
      ['a page of the same site, another origin', () => ({ ...own(), 'sec-fetch-site': 'same-site' }), false],
      ['a link or a bookmark', () => ({ 'sec-fetch-site': 'none' }), false],
      ['a page of another port', () => ({ origin: 'http://127.0.0.1:1' }), false],
      ['a page of another site, of an older browser', () => ({ origin: 'https://evil.example' }), false],
      ['a sandboxed page', () => ({ origin: 'null' }), false],
      ['no page at all', () => ({}), false],
    ];
    for (const [what, headers, allowed] of cases) {
      it(`${allowed ? 'not refused' : 'refused'}: ${what}`, async () => {
        const account = await gateway.createUser();
        const cookie = cookieOf(await logIn(account));

        const answers = [
          await logIn(account, headers()),
          await refresh(cookie, headers()),
          await post('/auth/logout', cookie, headers()),
        ];

        expect(answers.map(({ status }) => status)).to.deep.equal(
          allowed ? [200, 200, 204] : [403, 403, 403],
        );
        if (allowed) return;
        for (const answer of answers) {
          expect(answer.body.at('detail')).to.equal(words);
          expect(answer.headers.get('set-cookie')).to.equal(null);
        }
        expect((await refresh(cookie)).status, 'nothing was done').to.equal(200);
      });
    }

    it('and only with the content type of JSON, which a form cannot send', async () => {
      const cookie = cookieOf(await logIn());
      const types: Record<string, string>[] = [{}, { 'content-type': 'text/plain' }];
      const answers = await Promise.all(
        types.map((type) =>
          gateway.request('POST', '/auth/refresh', { headers: { cookie, ...OWN_PAGE, ...type } }),
        ),
      );
      const withType = await gateway.request('POST', '/auth/refresh', {
        headers: { cookie, ...OWN_PAGE, ...JSON_TYPE },
      });

      expect(answers.map(({ status }) => status)).to.deep.equal([415, 415]);
      expect(withType.status).to.equal(200);
    });
  });
});

/** A `fetch` that does with cookies what a browser does for a page of this origin. */
function cookieJar(origin: string): typeof fetch {
  let cookie = '';
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('origin', origin);
    headers.set('sec-fetch-site', 'same-origin');
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(input, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      cookie = /Max-Age=0/.test(set) ? '' : (set.split(';', 1)[0] ?? '');
    }
    return response;
  };
}
