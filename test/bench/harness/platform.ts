/** The product under test: gateway, scheduler, stream and workers, each a process, on stores of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DefinitionInput } from '@millrace/contracts';
import { freePort } from '../../../infra/local/stores.js';
import { type ApiClient, createApiClient, textAt } from './api-client.js';
import type { Person } from './browser.js';
import { type ServiceProcess, startService } from './service-process.js';
import { type ContenderStores, createStores } from './stores.js';

export interface PlatformOptions {
  logFolder: string;
  /** Host and port of what steps may call in spite of the guard. */
  allow?: string;
  /** Without one, executions are stored and wait: the API alone is measured. */
  scheduler?: boolean;
  stream?: boolean;
  /** Whether the gateway serves the built console. */
  hasConsole?: boolean;
  /** Whether the workers tell how long they compute at a stretch. */
  areWorkersProbed?: boolean;
  /** For Node, of the gateway and the workers. */
  flagsFor?: (name: string) => readonly string[];
}

export interface Platform {
  readonly stores: ContenderStores;
  /** A regular user with an API key; 64 connections. */
  readonly api: ApiClient;
  readonly apiKey: string;
  /** Where the gateway listens: `http://…`. */
  readonly origin: string;
  readonly admin: Person;
  /** `ws://…` of the stream, undefined when it was not started. */
  readonly streamUrl: string | undefined;
  /** Starts or stops worker processes until there are so many. */
  setWorkers(count: number): Promise<void>;
  /** Of the first worker; see `ServiceProcess`. */
  workerMetrics(): Promise<ReadonlyMap<string, number>>;
  workerStretches(): Promise<readonly number[]>;
  /** Owned by the regular user; answers its id. */
  createWorkflow(definition: DefinitionInput): Promise<string>;
  stop(): Promise<void>;
}

const CONNECTIONS = 64;
const builtConsole = fileURLToPath(new URL('../../../services/console/dist', import.meta.url));

export function serviceScript(service: string): string {
  return fileURLToPath(new URL(`../../../services/${service}/dist/main.js`, import.meta.url));
}

export function isStreamBuilt(): boolean {
  return existsSync(serviceScript('stream'));
}

export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { logFolder, flagsFor = () => [] } = options;
  const stores = await createStores();
  const secret = (): string => randomBytes(32).toString('base64url');
  const passwords = { ADMIN_PASSWORD: secret(), USER_PASSWORD: secret() };
  // What a user gets: nothing is tuned here that is not the default.
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: stores.database.url,
    REDIS_URL: stores.redis.url,
    REDIS_PREFIX: stores.redis.prefix,
    JWT_SECRET: secret(),
    SECRETS_KEY: secret(),
    ...passwords,
    ...(options.allow !== undefined && { OUTBOUND_ALLOW: options.allow }),
    ...(options.hasConsole === true && { CONSOLE_FOLDER: builtConsole }),
  };
  const services: ServiceProcess[] = [];
  const workers: ServiceProcess[] = [];
  const start = (name: string, more: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> =>
    startService({
      name,
      script: serviceScript(name),
      env: { ...env, ...more },
      logFolder,
      flags: flagsFor(name),
      isProbed: name === 'worker' && options.areWorkersProbed === true,
    });

  const firstWorker = (): ServiceProcess => {
    const [worker] = workers;
    if (worker === undefined) throw new Error('no worker runs');
    return worker;
  };

  const port = await freePort();
  services.push(await start('gateway', { PORT: String(port) }));
  if (options.scheduler !== false) services.push(await start('scheduler'));
  let streamUrl: string | undefined;
  if (options.stream === true) {
    const streamPort = await freePort();
    services.push(await start('stream', { PORT: String(streamPort) }));
    streamUrl = `ws://127.0.0.1:${streamPort}`;
  }

  const origin = `http://127.0.0.1:${port}`;
  const admin = await signIn(origin, 'admin', passwords.ADMIN_PASSWORD);
  const user = await signIn(origin, 'user', passwords.USER_PASSWORD);
  const apiKey = textAt(await user.call('POST', '/api-keys', { name: 'bench' }), 'key');
  await user.close();
  const api = createApiClient(origin, { connections: CONNECTIONS, token: apiKey });

  return {
    stores,
    api,
    apiKey,
    origin,
    admin: { username: 'admin', password: passwords.ADMIN_PASSWORD },
    streamUrl,
    async setWorkers(count) {
      while (workers.length < count) workers.push(await start('worker'));
      while (workers.length > count) await workers.pop()?.stop();
    },
    workerMetrics: () => firstWorker().metrics(),
    workerStretches: () => firstWorker().stretches(),
    async createWorkflow(definition) {
      const body = { ...definition, owner: 'user' };
      return textAt(await admin.call('POST', '/workflows/protected/create', body), 'id');
    },
    async stop() {
      await Promise.all([api.close(), admin.close()]);
      await Promise.all(workers.map((worker) => worker.stop()));
      for (const service of services.reverse()) await service.stop();
      await stores.drop();
    },
  };
}

async function signIn(origin: string, username: string, password: string): Promise<ApiClient> {
  const anonymous = createApiClient(origin, { connections: 1 });
  const answer = await anonymous.call('POST', '/auth/login/json', { username, password });
  await anonymous.close();
  return createApiClient(origin, { connections: 2, token: textAt(answer, 'access_token') });
}
