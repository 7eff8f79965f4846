/** A gateway over real HTTP on a scratch database; tests add workers and stream nodes on the same stores. */
import { randomBytes } from 'node:crypto';
import type { Scope } from '@millrace/contracts';
import { createGateway, createHttpServer, type Gateway } from '@millrace/gateway';
import { DEFAULT_QUEUE_SCHEMA, migratePostgresQueue } from '@millrace/messaging';
import { pino } from 'pino';
import { type Answer, type RequestOptions, send } from './http.js';
import { createScratchDatabase, type ScratchDatabase } from './postgres.js';

export const ADMIN_PASSWORD = 'correct-horse-battery';
export const USER_PASSWORD = 'staple-of-the-user';

export interface Account {
  username: string;
  password: string;
  token: string;
}

export interface GatewayOptions {
  /** Its own scratch database without one; a given one is not dropped. */
  database?: ScratchDatabase;
  /** Beside or instead of the harness's own variables, such as `REDIS_URL`. */
  env?: Record<string, string>;
}

export interface GatewayUnderTest {
  /** `http://127.0.0.1:…`, without a path. */
  readonly url: string;
  readonly database: ScratchDatabase;
  readonly gateway: Gateway;
  /** What a service on the same stores is configured with. */
  readonly env: NodeJS.ProcessEnv;
  readonly admin: Account;
  readonly user: Account;
  /** `path` is relative to `/api/v1`, unless it begins with two slashes: `//docs` is `/docs`. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  logIn(username: string, password: string): Promise<string>;
  /** Without scopes: read and execute. */
  createUser(options?: { scopes?: Scope[]; username?: string }): Promise<Account>;
  /** A workflow of one `set` node owned by `owner` (the admin without); answers its id. */
  createWorkflow(options?: { owner?: string; definition?: object }): Promise<string>;
  execute(workflowId: string, parameters?: object, token?: string): Promise<string>;
  stop(): Promise<void>;
}

/** One node that needs nothing: the smallest workflow there is. */
export const ONE_NODE = {
  name: 'One node',
  nodes: [{ id: 'greet', type: 'set', data: { config: { values: { greeting: 'hello' } } } }],
};

export async function startGateway(options: GatewayOptions = {}): Promise<GatewayUnderTest> {
  const database = options.database ?? (await createScratchDatabase());
  await migratePostgresQueue(database.url, DEFAULT_QUEUE_SCHEMA);
  const env = {
    DATABASE_URL: database.url,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    SECRETS_KEY: randomBytes(32).toString('base64'),
    ADMIN_PASSWORD,
    USER_PASSWORD,
    ...options.env,
  };
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const gateway = createGateway({ env, log });
  await gateway.start();
  const { url, close } = await serve(gateway);

  const request = (method: string, path: string, sent?: RequestOptions): Promise<Answer> =>
    send(url, method, path.startsWith('//') ? path.slice(1) : `/api/v1${path}`, sent);

  async function logIn(username: string, password: string): Promise<string> {
    const answer = await request('POST', '/auth/login/json', { json: { username, password } });
    if (answer.status !== 200)
      throw new Error(`log-in of ${username} answered ${answer.status}: ${answer.text}`);
    return answer.body.text('access_token');
  }

  const account = async (username: string, password: string): Promise<Account> => ({
    ...{ username, password },
    token: await logIn(username, password),
  });
  const admin = await account('admin', ADMIN_PASSWORD);
  const user = await account('user', USER_PASSWORD);

  return {
    ...{ url, database, gateway, env, admin, user, request, logIn },

    async createUser({ scopes, username = `u-${randomBytes(5).toString('hex')}` } = {}) {
      const password = `password of ${username}`;
      const json = { username, password, ...(scopes && { scopes }) };
      expectStatus(await request('POST', '/users', { token: admin.token, json }), 201);
      return account(username, password);
    },

    async createWorkflow({ owner, definition = ONE_NODE } = {}) {
      const json = { ...definition, ...(owner !== undefined && { owner }) };
      const answer = await request('POST', '/workflows/visual/create', { token: admin.token, json });
      return expectStatus(answer, 201).body.text('id');
    },

    async execute(workflowId, parameters = {}, token = admin.token) {
      const answer = await request('POST', `/workflows/${workflowId}/execute`, {
        token,
        json: { parameters },
      });
      return expectStatus(answer, 202).body.text('execution_id');
    },

    async stop() {
      await close();
      await gateway.stop();
      if (!options.database) await database.drop();
    },
  };
}

/** Any gateway on a free port; `close` ends the server alone. */
export async function serve(gateway: Gateway): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createHttpServer({
    ...{ host: '127.0.0.1', port: 0, drainMs: 2_000 },
    listener: gateway.app,
    onDrain: gateway.drain,
  });
  await server.start();
  const address = server.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.stop() };
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`answered ${answer.status}, not ${status}: ${answer.text}`);
  return answer;
}
