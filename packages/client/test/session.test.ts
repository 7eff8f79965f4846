import type { TokenResponse } from '@millrace/contracts';
import { expect } from 'chai';
import type { ApiProblem } from '../src/index.js';
import { sendJson, sendProblem } from './support/server.js';
import { rejection, setup, type Bundle } from './support/setup.js';

describe('credentials', () => {
  let bundle: Bundle;
  let valid: string;
  let issued: number;
  let refreshable: string;

  /** A server whose access token `valid` can be revoked by the test, and whose refresh tokens are single use. */
  beforeEach(async () => {
    bundle = await setup();
    issued = 0;
    valid = 'none';
    refreshable = 'none';
    const pair = (): TokenResponse => {
      issued += 1;
      valid = `access-${issued}`;
      refreshable = `refresh-${issued}`;
      return { access_token: valid, token_type: 'bearer', expires_in: 1800, refresh_token: refreshable };
    };
    bundle.server.onRequest = (request, response) => {
      const body = JSON.stringify(request.body ?? {});
      if (request.path.endsWith('/auth/login/json')) {
        if (body.includes('wrong'))
          sendProblem(response, 401, 'unauthenticated', 'Incorrect username or password');
        else sendJson(response, 200, pair());
      } else if (request.path.endsWith('/auth/refresh')) {
        if (body.includes(`"${refreshable}"`)) sendJson(response, 200, pair());
        else sendProblem(response, 401, 'unauthenticated', 'Could not validate credentials');
      } else if (request.headers.authorization === `Bearer ${valid}`)
        sendJson(response, 200, { username: 'ada' });
      else sendProblem(response, 401, 'unauthenticated', 'Could not validate credentials');
    };
  });
  afterEach(() => bundle.server.stop());

  const count = (end: string): number =>
    bundle.server.requests.filter((request) => request.path.endsWith(end)).length;

  it('signs in once for many calls, and keeps the session', async () => {
    const client = bundle.client({ credentials: { username: 'ada', password: 'pw' } });

    await Promise.all([client.auth.me(), client.auth.me(), client.auth.me()]);
    await client.auth.me();

    expect(count('/login/json')).to.equal(1);
  });

  it('refreshes once for many refused calls and repeats them', async () => {
    const stored: string[] = [];
    const onTokens = (tokens: TokenResponse): number => stored.push(tokens.refresh_token);
    const client = bundle.client({ credentials: { username: 'ada', password: 'pw', onTokens } });
    await client.auth.me();
    valid = 'revoked';

    await Promise.all([client.auth.me(), client.auth.me(), client.workflows.execute('wf_1')]);

    expect(count('/refresh')).to.equal(1);
    expect(count('/login/json')).to.equal(1);
    expect(stored).to.deep.equal(['refresh-1', 'refresh-2']);
  });

  it('signs in again when the refresh token is refused too', async () => {
    const client = bundle.client({ credentials: { username: 'ada', password: 'pw' } });
    await client.auth.me();
    valid = refreshable = 'revoked';

    await client.auth.me();

    expect(count('/login/json')).to.equal(2);
  });

  it('tells onUnauthorized and throws when a stored session is over', async () => {
    const told: ApiProblem[] = [];
    const client = bundle.client({
      credentials: { accessToken: 'old', refreshToken: 'old' },
      onUnauthorized: (problem) => told.push(problem),
    });

    const error = await rejection(client.auth.me());

    expect(error).to.include({ status: 401 });
    expect(told).to.deep.equal([error]);
  });

  it('throws the server’s words for a wrong password, once, without telling onUnauthorized', async () => {
    const told: ApiProblem[] = [];
    const client = bundle.client({
      credentials: { username: 'ada', password: 'wrong' },
      onUnauthorized: (problem) => told.push(problem),
    });

    expect(await rejection(client.auth.me())).to.include({ detail: 'Incorrect username or password' });
    expect(count('/login/json')).to.equal(1);
    expect(told).to.deep.equal([]);
  });

  it('lets one caller give up without aborting the sign-in of another', async () => {
    const client = bundle.client({ credentials: { username: 'ada', password: 'pw' } });
    const controller = new AbortController();

    const hasty = rejection(client.auth.me({ signal: controller.signal }));
    const patient = client.auth.me();
    controller.abort(new Error('hasty'));

    expect(await hasty).to.include({ message: 'hasty' });
    expect((await patient).username).to.equal('ada');
    expect(count('/login/json')).to.equal(1);
  });

  it('sends an API key like a token, and nothing when anonymous', async () => {
    await rejection(bundle.client({ credentials: { apiKey: 'mk_1' } }).auth.me());
    await rejection(bundle.client({ credentials: undefined }).auth.me());

    expect(bundle.server.requests.map((request) => request.headers.authorization)).to.deep.equal([
      'Bearer mk_1',
      undefined,
    ]);
  });
});
