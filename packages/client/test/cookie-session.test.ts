import type { AccessTokenResponse } from '@millrace/contracts';
import { expect } from 'chai';
import type { ApiProblem } from '../src/index.js';
import { connected, event, EXECUTION, send } from './support/frames.js';
import { sendJson, sendProblem } from './support/server.js';
import { collect, rejection, setup, type Bundle } from './support/setup.js';

const PASSWORD = { username: 'ada', password: 'pw' };
const COOKIE = { session: 'cookie' } as const;

describe('the session of a browser', () => {
  let bundle: Bundle;
  let valid: string;
  let issued: number;
  /** Stands for the cookie, which no client sees: whether the server finds a session behind a renewal. */
  let isSignedIn: boolean;

  beforeEach(async () => {
    bundle = await setup();
    [valid, issued, isSignedIn] = ['none', 0, false];
    const tokens = (): AccessTokenResponse => {
      issued += 1;
      valid = `access-${issued}`;
      isSignedIn = true;
      return { access_token: valid, token_type: 'bearer', expires_in: 1800 };
    };
    const refuse = (response: Parameters<typeof sendProblem>[0]): void =>
      sendProblem(response, 401, 'unauthenticated', 'Could not validate credentials');
    bundle.server.onRequest = ({ path, headers }, response) => {
      const end = path.replace('/api/v1', '');
      if (end === '/auth/login/json') sendJson(response, 200, tokens());
      else if (end === '/auth/refresh') {
        if (isSignedIn) sendJson(response, 200, tokens());
        else refuse(response);
      } else if (end === '/auth/logout') {
        isSignedIn = false;
        response.writeHead(204).end();
      } else if (headers.authorization !== `Bearer ${valid}`) refuse(response);
      else if (end === '/auth/password') sendJson(response, 200, tokens());
      else if (end === '/auth/logout/all') {
        isSignedIn = false;
        response.writeHead(204).end();
      } else sendJson(response, 200, { username: 'ada' });
    };
  });
  afterEach(() => bundle.server.stop());

  const seen = (end: string) => bundle.server.requests.filter(({ path }) => path.endsWith(end));
  const inBrowser = (onUnauthorized?: (problem: ApiProblem) => void) =>
    bundle.client({ credentials: COOKIE, onUnauthorized, validate: false });

  it('is found by the cookie, once for many calls, with nothing but JSON in the body', async () => {
    isSignedIn = true;
    const client = inBrowser();

    await Promise.all([client.auth.me(), client.auth.me(), client.auth.me()]);
    await client.auth.me();

    expect(seen('/refresh')).to.have.length(1);
    expect(seen('/refresh')[0]?.body).to.deep.equal({});
    expect(seen('/refresh')[0]?.headers['content-type']).to.equal('application/json');
  });

  it('begins with a log-in, whose token is used at once', async () => {
    const client = inBrowser();

    const answer = await client.auth.login(PASSWORD, COOKIE);
    await client.auth.me();

    expect(answer).not.to.have.property('refresh_token');
    expect(seen('/login/json')[0]?.query.get('session')).to.equal('cookie');
    expect(seen('/refresh')).to.have.length(0);
  });

  it('goes on in a tab whose token another one has outlived', async () => {
    const [one, other] = [inBrowser(), inBrowser()];
    await one.auth.login(PASSWORD, COOKIE);
    await other.auth.me();

    await one.auth.me();

    expect(seen('/refresh')).to.have.length(2);
  });

  it('is nobody’s without a cookie, and somebody’s once another tab has signed in', async () => {
    const told: ApiProblem[] = [];
    const client = inBrowser((problem) => told.push(problem));

    const error = await rejection(client.auth.me());
    isSignedIn = true;
    const user = await client.auth.me();

    expect(error).to.include({ status: 401 });
    expect(told).to.deep.equal([error]);
    expect(user.username).to.equal('ada');
  });

  it('ends with the log-out, and with the one everywhere', async () => {
    for (const end of ['logout', 'logoutAll'] as const) {
      const client = inBrowser();
      await client.auth.login(PASSWORD, COOKIE);

      await (end === 'logout' ? client.auth.logout(COOKIE) : client.auth.logoutAll());

      expect(await rejection(client.auth.me()), end).to.include({ status: 401 });
      expect(bundle.server.requests.at(-1)?.headers.authorization, end).to.equal(undefined);
    }
  });

  it('goes on with the tokens of a new password, its open streams too', async () => {
    const client = inBrowser();
    await client.auth.login(PASSWORD, COOKIE);
    const { server } = bundle;
    server.onSocket = (socket) => {
      socket.on('message', (data: Buffer) => {
        if (data.toString().includes('"auth"')) send(socket, event(1, 'completed'));
      });
      send(socket, connected());
    };
    const change = { current_password: 'pw', new_password: 'a long passphrase' };

    const frames = await collect(
      client.follow(EXECUTION, {
        onConnection: ({ status }) => {
          if (status === 'connected') void client.auth.changePassword(change);
        },
      }),
    );
    await client.auth.me();

    expect(frames).to.have.length(1);
    expect(seen('/auth/password')[0]?.query.get('session')).to.equal('cookie');
    expect(seen('/auth/me').at(-1)?.headers.authorization).to.equal('Bearer access-2');
    expect(seen('/refresh')).to.have.length(0);
  });
});

describe('a session with its refresh token at hand', () => {
  it('goes on with the tokens of a new password, and tells of them', async () => {
    const bundle = await setup();
    const stored: string[] = [];
    const pair = (n: number) => ({
      ...{ access_token: `access-${n}`, token_type: 'bearer', expires_in: 1800 },
      refresh_token: `refresh-${n}`,
    });
    bundle.server.onRequest = ({ path }, response) => {
      if (path.endsWith('/login/json')) sendJson(response, 200, pair(1));
      else if (path.endsWith('/auth/password')) sendJson(response, 200, pair(2));
      else sendJson(response, 200, { username: 'ada' });
    };
    const client = bundle.client({
      credentials: { ...PASSWORD, onTokens: ({ refresh_token }) => stored.push(refresh_token) },
    });

    await client.auth.changePassword({ current_password: 'pw', new_password: 'a long passphrase' });
    await client.auth.me();
    await bundle.server.stop();

    expect(stored).to.deep.equal(['refresh-1', 'refresh-2']);
    expect(bundle.server.requests.at(-1)?.headers.authorization).to.equal('Bearer access-2');
  });
});
