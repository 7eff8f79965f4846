import type { EventBus } from '@millrace/messaging';
import { assertSchema, createPool } from '@millrace/persistence';
import { createFeed } from '@millrace/runtime';
import {
  authConfig,
  connectMessaging,
  createAuthenticator,
  createHealth,
  createLifecycle,
  createLogger,
  createMetrics,
  databaseConfig,
  type Health,
  httpConfig,
  loadConfig,
  type Logger,
  loggingConfig,
  type Metrics,
  redisConfig,
  VERSION,
} from '@millrace/service-kit';
import type { WebSocket } from 'ws';
import { beat } from './heartbeat.js';
import { createStreamMetrics } from './metrics.js';
import { recheckRights } from './rights.js';
import { createSeats } from './seats.js';
import { DEFAULT_STREAM_SETTINGS, type StreamSettings } from './settings.js';
import { Connection } from './socket/connection.js';
import { serveSocket } from './socket/session.js';
import type { Admission } from './upgrade/authorize.js';
import { createOriginCheck } from './upgrade/origin.js';
import { createUpgradeHandler, type HandleUpgrade } from './upgrade/upgrades.js';

export interface StreamOptions {
  /** `process.env` without it. See the configuration table. */
  env?: NodeJS.ProcessEnv;
  log?: Logger;
  /** Where to register the stream's metrics: its own registry without it. A given one is not stopped. */
  metrics?: Metrics;
  settings?: Partial<StreamSettings>;
  /** Between the stream and the bus, for tests that lose messages. */
  wrapEvents?: (events: EventBus) => EventBus;
}

export interface Stream {
  /** For the `upgrade` event of any number of HTTP servers. Refuses with 503 before `start` and after `stop` began. */
  readonly handleUpgrade: HandleUpgrade;
  readonly health: Health<'database' | 'events'>;
  readonly metrics: Metrics;
  /** Open sockets. */
  readonly size: number;
  /** Connects; refuses a schema that is not this build's. */
  start(): Promise<void>;
  /** Closes every socket with 1001 and the hint to come again, then every connection to the stores. */
  stop(): Promise<void>;
}

/** Throws a ConfigError that names every wrong or missing variable. */
export function createStream(options: StreamOptions = {}): Stream {
  const sections = {
    ...{ auth: authConfig, database: databaseConfig },
    ...{ http: httpConfig, logging: loggingConfig, redis: redisConfig },
  };
  const config = loadConfig(sections, options.env);
  const settings = { ...DEFAULT_STREAM_SETTINGS, ...options.settings };
  const log = options.log ?? createLogger({ service: 'stream', level: config.logging.level });
  const pool = createPool({
    databaseUrl: config.database.url,
    role: 'millrace_engine',
    max: config.database.poolSize,
    applicationName: 'millrace-stream',
    onIdleError: (error) => {
      log.warn({ error }, 'a database connection broke and is replaced');
    },
  });
  const messaging = connectMessaging('stream', config, log);
  const events = options.wrapEvents?.(messaging.events) ?? messaging.events;
  const authenticator = createAuthenticator({
    database: pool,
    jwtSecret: config.auth.jwtSecret,
    cacheSeconds: settings.accountCacheSeconds,
  });
  const feed = createFeed({ db: pool, events, log, reconcileMs: settings.reconcileMs });
  const metrics = options.metrics ?? createMetrics('stream');
  const connections = new Set<Connection>();
  const streamMetrics = createStreamMetrics(metrics, () => connections.size);
  const timers: NodeJS.Timeout[] = [];
  let isServing = false;
  let rechecking = false;

  function onSocket(ws: WebSocket, { principal, target, resume }: Admission, leave: () => void): void {
    ws.on('error', (error) => {
      log.debug({ error, workflow_id: target.workflowId }, 'a socket failed');
    });
    const connection = new Connection(ws, { principal, target }, settings, streamMetrics);
    connections.add(connection);
    connection.onClose(() => {
      connections.delete(connection);
      leave();
    });
    serveSocket({ feed, db: pool, authenticator, log }, ws, connection, resume).catch((error: unknown) => {
      log.error({ error }, 'a socket was not served');
      connection.drop('failed');
    });
  }

  /** One look at a time: a database that is slow is not asked more often. */
  async function recheck(): Promise<void> {
    if (rechecking) return;
    rechecking = true;
    try {
      await recheckRights({ authenticator, db: pool }, connections);
    } catch (error) {
      log.warn({ error }, 'the rights of open streams could not be checked; trying again');
    } finally {
      rechecking = false;
    }
  }

  async function close(): Promise<void> {
    await feed.stop();
    if (options.metrics === undefined) metrics.stop();
    await Promise.all([messaging.close(), pool.end()]);
  }

  const lifecycle = createLifecycle({
    async start() {
      try {
        await assertSchema(pool);
      } catch (error) {
        await close();
        throw error;
      }
      timers.push(setInterval(() => beat(connections), settings.heartbeatMs));
      timers.push(setInterval(() => void recheck(), settings.recheckMs));
      isServing = true;
    },
    async stop() {
      isServing = false;
      for (const timer of timers) clearInterval(timer);
      await closeAll(connections, settings.stopMs);
      await close();
    },
  });

  return {
    handleUpgrade: createUpgradeHandler({
      ...{ authenticator, db: pool, log, metrics: streamMetrics, settings, onSocket },
      seats: createSeats(settings),
      checkOrigin: createOriginCheck(config.http.corsOrigins, config.http.trustProxy),
      isServing: () => isServing,
    }),
    health: createHealth({
      version: VERSION,
      components: {
        database: {
          required: true,
          async check() {
            await pool.query('SELECT');
            return { status: 'ok' };
          },
        },
        events: {
          async check() {
            const answer = await messaging.events.health();
            return answer.ok ? { status: 'ok' } : { status: 'down', detail: 'not reachable' };
          },
        },
      },
    }),
    metrics,
    get size() {
      return connections.size;
    },
    ...lifecycle,
  };
}

/** Says goodbye to everyone and waits for them; who has not gone in time is dropped. */
async function closeAll(connections: ReadonlySet<Connection>, graceMs: number): Promise<void> {
  const gone = [...connections].map((connection) => {
    connection.end('stopping');
    return new Promise<void>((resolve) => {
      connection.onClose(resolve);
    });
  });
  const late = setTimeout(() => {
    for (const connection of connections) connection.drop('stopping');
  }, graceMs);
  await Promise.all(gone);
  clearTimeout(late);
}
