/** What each concern reads from the environment. A service loads the sections it needs and sees nothing else. */
import { createKeyring } from '@millrace/persistence';
import * as z from 'zod';
import { readMcpServers } from './mcp-servers.js';
import { decodeKey, isWeakKey } from './encryption-keys.js';
import { list, methods, optional, port, required, url, wholeNumber, withDefault } from './variable.js';
import { isShortSecret, isWeakPassword, isWeakSecret } from './weak-secrets.js';

const nodeEnv = optional(z.string(), {
  meaning: '`production` refuses missing, default and short secrets. Any other value is development.',
});

const host = withDefault(z.string(), {
  default: '127.0.0.1',
  meaning: 'Address to listen on. `0.0.0.0` opens the platform to the network.',
});

export const serviceVariables = z.object({
  NODE_ENV: nodeEnv,
  HOST: host,
  DRAIN_SECONDS: withDefault(wholeNumber(0, 3_600), {
    default: '10',
    meaning: 'Time a process has to finish its work after SIGTERM or Ctrl-C before it ends anyway.',
  }),
  METRICS_PORT: optional(port(), {
    meaning:
      'Port for `/metrics` and `/health` of worker, stream and scheduler; none without it. 0 takes any free one. The gateway serves them on `PORT`.',
  }),
});

/** Every process. `metricsPort` is undefined where no metrics server is wanted. */
export const serviceConfig = serviceVariables.transform((env) => ({
  production: env.NODE_ENV === 'production',
  host: env.HOST,
  drainSeconds: env.DRAIN_SECONDS,
  metricsPort: env.METRICS_PORT,
}));

export const loggingVariables = z.object({
  LOG_LEVEL: withDefault(
    z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be one of trace, debug, info, warn, error, fatal, silent',
    ),
    { default: 'info', meaning: 'Least severe level that is logged: `trace` to `fatal`, or `silent`.' },
  ),
});

export const loggingConfig = loggingVariables.transform((env) => ({ level: env.LOG_LEVEL }));

export const databaseVariables = z.object({
  DATABASE_URL: required(url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/millrace'), {
    meaning: 'PostgreSQL 14 or newer. `npm start` runs an embedded one without it.',
    secret: true,
  }),
  DATABASE_POOL_SIZE: withDefault(wholeNumber(1, 100), {
    default: '3',
    meaning: 'Connections per process for the hot queries; two more serve everything else.',
  }),
});

export const databaseConfig = databaseVariables.transform((env) => ({
  url: env.DATABASE_URL,
  poolSize: env.DATABASE_POOL_SIZE,
}));

export const redisVariables = z.object({
  REDIS_URL: optional(url(['redis:', 'rediss:'], 'redis://user:password@host:6379/0'), {
    meaning: 'Redis 6.2 or newer for the queue and the events. Without it PostgreSQL carries both.',
    secret: true,
  }),
  REDIS_PREFIX: withDefault(
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must hold letters, digits, "_" or "-"'),
    {
      default: 'millrace',
      meaning: 'Begins every key and channel in Redis, so that several installations can share a server.',
    },
  ),
});

/** `url` undefined: the queue and the events run on PostgreSQL. */
export const redisConfig = redisVariables.transform((env) => ({
  url: env.REDIS_URL,
  prefix: env.REDIS_PREFIX,
}));

export const httpVariables = z.object({
  PORT: withDefault(port(), {
    default: '8080',
    meaning: 'Port of the API, the console and the live streams.',
  }),
  HOST: host,
  CORS_ORIGINS: withDefault(list(), {
    default: '',
    meaning: 'Comma-separated origins, as `https://console.example.com`, whose pages may call the API.',
  }),
  TRUST_PROXY: withDefault(trustProxy(), {
    default: 'false',
    meaning:
      'Whose `X-Forwarded-*` to believe: a number of proxies, or comma-separated addresses and networks.',
  }),
});

export const httpConfig = httpVariables.transform((env) => ({
  port: env.PORT,
  host: env.HOST,
  corsOrigins: env.CORS_ORIGINS,
  trustProxy: env.TRUST_PROXY,
}));

export const consoleVariables = z.object({
  CONSOLE_FOLDER: optional(z.string(), {
    meaning:
      'Folder of the built console, which the gateway serves at `/`. `npm start` and the image know where it is; without it `/` is a plain page.',
  }),
});

/** Whoever serves the console. */
export const consoleConfig = consoleVariables.transform((env) => ({ folder: env.CONSOLE_FOLDER }));

export const authVariables = z.object({
  NODE_ENV: nodeEnv,
  JWT_SECRET: required(z.string(), {
    meaning: 'Signs access tokens; at least 32 bytes, the same in every process. `npm start` makes one.',
    secret: true,
  }),
});

/** Whoever signs or verifies access tokens. A short secret is refused everywhere, a well-known one in production. */
export const authConfig = authVariables
  .superRefine((env, context) => {
    const refused = env.NODE_ENV === 'production' ? isWeakSecret : isShortSecret;
    if (!refused(env.JWT_SECRET)) return;
    const message = 'must be at least 32 random bytes, such as `openssl rand -base64 48` prints';
    context.addIssue({ code: 'custom', path: ['JWT_SECRET'], message });
  })
  .transform((env) => ({ jwtSecret: env.JWT_SECRET }));

export const secretsVariables = z.object({
  NODE_ENV: nodeEnv,
  SECRETS_KEY: optional(z.string(), {
    meaning:
      'Encrypts the secrets of workflows; 32 bytes as Base64 or hexadecimal, the same in gateway, worker and scheduler. `npm start` makes one.',
    secret: true,
  }),
  SECRETS_PREVIOUS_KEYS: withDefault(list(), {
    default: '',
    meaning:
      'Comma-separated keys that secrets may still be encrypted with, while `SECRETS_KEY` takes their place.',
    secret: true,
  }),
});

/** Whoever encrypts or decrypts secrets. Without a key there are none, which production does not accept. */
export const secretsConfig = secretsVariables.transform((env, context) => {
  const refuse = (variable: keyof typeof env, problem: string): undefined => {
    context.addIssue({ code: 'custom', path: [variable], message: problem });
    return undefined;
  };
  const isProduction = env.NODE_ENV === 'production';
  const wanted = 'must be 32 random bytes as Base64 or hexadecimal, such as `openssl rand -base64 32` prints';
  const read = (variable: 'SECRETS_KEY' | 'SECRETS_PREVIOUS_KEYS', text: string): Buffer | undefined => {
    const key = decodeKey(text);
    // A weak key of the past has to be readable, or nothing under it could be brought under a better one.
    const isRefused = key === undefined || (variable === 'SECRETS_KEY' && isProduction && isWeakKey(key));
    return isRefused ? refuse(variable, wanted) : key;
  };
  if (env.SECRETS_KEY === undefined && isProduction) refuse('SECRETS_KEY', 'is missing');
  if (env.SECRETS_KEY === undefined && env.SECRETS_PREVIOUS_KEYS.length > 0) {
    refuse('SECRETS_KEY', 'is missing while SECRETS_PREVIOUS_KEYS is set');
  }
  const key = env.SECRETS_KEY === undefined ? undefined : read('SECRETS_KEY', env.SECRETS_KEY);
  const previousKeys = env.SECRETS_PREVIOUS_KEYS.flatMap((text) => read('SECRETS_PREVIOUS_KEYS', text) ?? []);
  /** `keyring` undefined: no secret can be set or read. */
  return { keyring: key === undefined ? undefined : createKeyring({ key, previousKeys }) };
});

export const accountsVariables = z.object({
  NODE_ENV: nodeEnv,
  ADMIN_PASSWORD: optional(z.string(), {
    meaning: 'Password of the default user `admin`. `npm start` makes a random one and shows it once.',
    secret: true,
  }),
  USER_PASSWORD: optional(z.string(), {
    meaning: 'Password of the default user `user`. `npm start` makes a random one and shows it once.',
    secret: true,
  }),
});

/** Whoever seeds the two default users. */
export const accountsConfig = accountsVariables
  .superRefine((env, context) => {
    if (env.NODE_ENV !== 'production') return;
    for (const variable of ['ADMIN_PASSWORD', 'USER_PASSWORD'] as const) {
      const password = env[variable];
      if (password !== undefined && !isWeakPassword(password)) continue;
      const message =
        password === undefined
          ? 'is missing'
          : 'must hold at least 8 characters and be no well-known password';
      context.addIssue({ code: 'custom', path: [variable], message });
    }
  })
  .transform((env) => ({ adminPassword: env.ADMIN_PASSWORD, userPassword: env.USER_PASSWORD }));

export const workerVariables = z.object({
  WORKER_CONCURRENCY: withDefault(wholeNumber(1, 10_000), {
    default: '200',
    meaning: 'Executions that one worker process runs at once.',
  }),
  SUB_WORKFLOW_DEPTH: withDefault(wholeNumber(1, 1_000), {
    default: '16',
    meaning: 'How many sub-workflows may be started one inside the other.',
  }),
  MAP_MAX_ITEMS: withDefault(wholeNumber(1, 10_000_000), {
    default: '100000',
    meaning: 'Items of one `map` step; one with more fails with a clear error.',
  }),
  MAP_PART_SIZE: withDefault(wholeNumber(1, 5_000), {
    default: '256',
    meaning: 'Items of a `map` that one execution runs itself; with more, child executions run so many each.',
  }),
  CODE_PROCESSES: withDefault(wholeNumber(1, 256), {
    default: '2',
    meaning: 'Code steps that one worker process runs at once, each in a process of its own.',
  }),
});

export const workerConfig = workerVariables.transform((env) => ({
  concurrency: env.WORKER_CONCURRENCY,
  codeProcesses: env.CODE_PROCESSES,
  maxDepth: env.SUB_WORKFLOW_DEPTH,
  mapMaxItems: env.MAP_MAX_ITEMS,
  mapPartSize: env.MAP_PART_SIZE,
}));

export const outboundVariables = z.object({
  OUTBOUND_ALLOW: withDefault(list(), {
    default: '',
    meaning:
      'Comma-separated hosts, addresses and networks inside that workflows may call in spite of the SSRF guard.',
  }),
});

export const outboundConfig = outboundVariables.transform((env) => ({ allow: env.OUTBOUND_ALLOW }));

export const callbackVariables = z.object({
  CALLBACK_ATTEMPTS: withDefault(wholeNumber(1, 20), {
    default: '10',
    meaning:
      'How often the receiver of a callback is called at most. With the default delay ten take about a day.',
  }),
  CALLBACK_RETRY_SECONDS: withDefault(wholeNumber(1, 3_600), {
    default: '5',
    meaning:
      'Delay before the second attempt. It grows fourfold with each further one, to eight hours at most.',
  }),
  CALLBACK_TIMEOUT_SECONDS: withDefault(wholeNumber(1, 300), {
    default: '15',
    meaning: 'Time the receiver of a callback has for its answer.',
  }),
  CALLBACK_CONCURRENCY: withDefault(wholeNumber(1, 1_000), {
    default: '32',
    meaning: 'Receivers that one scheduler process calls at once; at most 4 of them at the same host.',
  }),
});

/** Whoever delivers completion callbacks. */
export const callbackConfig = callbackVariables.transform((env) => ({
  attempts: env.CALLBACK_ATTEMPTS,
  firstDelaySeconds: env.CALLBACK_RETRY_SECONDS,
  timeoutMs: env.CALLBACK_TIMEOUT_SECONDS * 1_000,
  concurrency: env.CALLBACK_CONCURRENCY,
}));

export { llmConfig, llmVariables } from './llm.js';

export const toolsVariables = z.object({
  AGENT_HTTP_METHODS: withDefault(methods(), {
    default: 'GET,HEAD',
    meaning: 'Comma-separated methods that the tool `http` of agents may use.',
  }),
  MCP_SERVERS: optional(z.string(), {
    meaning: 'MCP servers that agents may use, as JSON. Tokens come from other variables by `${NAME}`.',
  }),
  MCP_SERVERS_FILE: optional(z.string(), { meaning: 'Path of a file with the same JSON, instead of it.' }),
});

/** What agents may use beside their model. A server that is described wrongly stops the start, with its name and field. */
export const toolsConfig = toolsVariables.transform((env, context) => ({
  httpMethods: env.AGENT_HTTP_METHODS,
  mcpServers: readMcpServers(env, context),
}));

export const localVariables = z.object({
  WORKERS: withDefault(wholeNumber(0, 256), {
    default: '2',
    meaning: 'Worker processes that `npm start` runs.',
  }),
  MILLRACE_DATA: withDefault(z.string(), {
    default: '.data',
    meaning: 'Folder of the embedded database, credentials and logs of `npm start`.',
  }),
});

export const localConfig = localVariables.transform((env) => ({
  workers: env.WORKERS,
  dataFolder: env.MILLRACE_DATA,
}));

/** Express knows `false`, a number of hops, or a list of addresses. `true` would believe anyone and is refused. */
function trustProxy(): z.ZodType<false | number | string[], string> {
  const words =
    'must be false, a number of proxies, or comma-separated addresses; `true` would believe anyone';
  return z
    .string()
    .refine((text) => text !== 'true', words)
    .transform((text) => {
      if (text === 'false') return false;
      return /^\d{1,3}$/.test(text) ? Number(text) : text.split(',').map((word) => word.trim());
    });
}
