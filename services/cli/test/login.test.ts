import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { problem, workflow } from './support/platform.js';
import { setup, type Bundle } from './support/setup.js';

describe('the stored log-in', () => {
  let bundle: Bundle;
  let valid: number;

  /** A platform where only the newest access and refresh token are good. */
  beforeEach(async () => {
    bundle = await setup();
    valid = 0;
    const { routes } = bundle.platform;
    const pair = (): { status: number; body: object } => {
      valid += 1;
      const tokens = { access_token: `access-${valid}`, refresh_token: `refresh-${valid}` };
      return { status: 200, body: { ...tokens, token_type: 'bearer', expires_in: 1800 } };
    };
    const refused = (): ReturnType<typeof problem> =>
      problem(401, 'unauthenticated', 'Could not validate credentials');
    routes['POST /auth/login/json'] = ({ body }) =>
      JSON.stringify(body) === '{"username":"ada","password":"s3cret"}'
        ? pair()
        : problem(401, 'unauthenticated', 'Incorrect username or password');
    routes['POST /auth/refresh'] = ({ body }) =>
      JSON.stringify(body).includes(`"refresh-${valid}"`) ? pair() : refused();
    routes['POST /auth/logout'] = () => ({ status: 204 });
    const user = {
      username: 'ada',
      email: null,
      full_name: null,
      disabled: false,
      scopes: ['workflow:read'],
    };
    routes['GET /auth/me'] = ({ headers }) =>
      headers.authorization === `Bearer access-${valid}` ? { status: 200, body: user } : refused();
    routes['GET /workflows'] = ({ headers }) =>
      headers.authorization === `Bearer access-${valid}`
        ? { status: 200, body: [workflow({ name: 'X' })] }
        : refused();
  });
  afterEach(() => bundle.stop());

  const login = (): ReturnType<Bundle['millrace']> =>
    bundle.millrace(['login', '--username', 'ada', '--password-stdin'], { env: {}, input: 's3cret\n' });
  const credentialsFile = (): string => join(bundle.home, '.config/millrace/credentials.json');

  it('is kept for the user alone and used by later commands', async () => {
    expect((await login()).code).to.equal(0);

    const who = await bundle.millrace(['whoami'], { env: {} });

    expect(who.stdout).to.equal(`ada at ${bundle.platform.url}/api/v1  (workflow:read)\n`);
    expect((await stat(credentialsFile())).mode & 0o777).to.equal(0o600);
    expect((await stat(join(credentialsFile(), '..'))).mode & 0o777).to.equal(0o700);
  });

  it('takes the password from the environment and the folder from XDG_CONFIG_HOME', async () => {
    const env = { MILLRACE_PASSWORD: 's3cret', XDG_CONFIG_HOME: join(bundle.home, 'xdg') };

    expect((await bundle.millrace(['login', '-u', 'ada'], { env })).code).to.equal(0);
    expect(await readFile(join(bundle.home, 'xdg/millrace/credentials.json'), 'utf8')).to.include('access-1');
  });

  it('is renewed when it was refused, once, and the new pair is stored', async () => {
    await login();
    const stored = await readFile(credentialsFile(), 'utf8');
    valid = 7;
    await writeFile(credentialsFile(), stored.replace('refresh-1', 'refresh-7'));

    const ran = await bundle.millrace(['list'], { env: {} });

    expect(ran.code).to.equal(0);
    expect(await readFile(credentialsFile(), 'utf8'))
      .to.include('"access-8"')
      .and.include('"refresh-8"');
  });

  it('is renewed by one of several commands at once; the others take its tokens', async () => {
    await login();
    const stored = await readFile(credentialsFile(), 'utf8');
    await writeFile(credentialsFile(), stored.replace('access-1', 'access-0'));

    const ran = await Promise.all([1, 2, 3].map(() => bundle.millrace(['whoami'], { env: {} })));

    expect(ran.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
    expect(bundle.platform.seen.filter(({ path }) => path === '/auth/refresh')).to.have.length(1);
  });

  it('is not sent to another platform', async () => {
    await login();
    const other = await setup();
    try {
      other.platform.routes['GET /auth/me'] = () => problem(401, 'unauthenticated', 'Not authenticated');

      const ran = await bundle.millrace(['whoami', '--url', other.platform.url], { env: {} });

      expect(ran.code).to.equal(1);
      expect(ran.stderr).to.include('millrace login');
      expect(other.platform.seen[0]?.headers.authorization).to.equal(undefined);
    } finally {
      await other.stop();
    }
  });

  it('yields to MILLRACE_TOKEN and MILLRACE_API_KEY', async () => {
    await login();
    await bundle.millrace(['whoami'], { env: { MILLRACE_TOKEN: 't', MILLRACE_API_KEY: 'k' } });
    await bundle.millrace(['whoami'], { env: { MILLRACE_API_KEY: 'k' } });

    const sent = bundle.platform.seen.filter(({ path }) => path === '/auth/me');
    expect(sent.map(({ headers }) => headers.authorization)).to.deep.equal(['Bearer t', 'Bearer k']);
  });

  it('is forgotten by logout', async () => {
    await login();

    expect((await bundle.millrace(['logout'], { env: {} })).code).to.equal(0);

    expect(bundle.platform.seen.at(-1)?.body).to.deep.equal({ refresh_token: 'refresh-1' });
    expect(await readFile(credentialsFile(), 'utf8')).not.to.include('access-1');
    expect((await bundle.millrace(['whoami'], { env: {} })).code).to.equal(1);
  });

  it('says so when the password is wrong, missing or cannot be asked for', async () => {
    const wrong = await bundle.millrace(['login', '-u', 'ada'], { env: { MILLRACE_PASSWORD: 'x' } });
    const none = await bundle.millrace(['login', '-u', 'ada'], { env: {} });
    const empty = await bundle.millrace(['login', '-u', 'ada', '--password-stdin'], { env: {}, input: '\n' });

    expect(wrong.stderr).to.include('Incorrect username or password');
    expect(none.stderr).to.include('MILLRACE_PASSWORD');
    expect(empty.stderr).to.include('The password is empty');
    expect([wrong.code, none.code, empty.code]).to.deep.equal([1, 1, 1]);
  });

  it('says so when its file is damaged', async () => {
    await login();
    await writeFile(credentialsFile(), '{"servers": 3}');

    const ran = await bundle.millrace(['whoami'], { env: {} });

    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.include('is damaged');
  });
});
