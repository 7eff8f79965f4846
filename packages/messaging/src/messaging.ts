import { createEventBus } from './events/event-bus.js';
import type { EventBus } from './events/port.js';
import { createPostgresTransport } from './events/postgres-transport.js';
import { createRedisTransport } from './events/redis-transport.js';
import { settledWithin } from './deadline.js';
import type { Log } from './log.js';
import { createOutage } from './outage.js';
import { openPublisherPool, POSTGRES_CONNECTIONS } from './postgres/connections.js';
import { createExecutionQueue } from './queue/execution-queue.js';
import type { ExecutionQueue } from './queue/port.js';
import { createPostgresQueueStore } from './queue/postgres-store.js';
import { createRedisQueueStore } from './queue/redis-store.js';
import { DEFAULT_TIMING, type QueueTiming } from './queue/store.js';
import { sayFindings } from './redis/check.js';
import { openCommandConnection } from './redis/connections.js';

interface CommonConfig {
  /** Of the process, such as `worker`: what its connections are called in CLIENT LIST and pg_stat_activity. */
  name: string;
  log: Log;
  timing?: Partial<QueueTiming>;
}

export interface RedisMessagingConfig extends CommonConfig {
  url: string;
  /** Begins every key and channel, so that several installations may share one server. Default `millrace`. */
  prefix?: string;
}

export interface PostgresMessagingConfig extends CommonConfig {
  databaseUrl: string;
  /** Of the queue's tables, made by `migratePostgresQueue`; also tells the channels of installations apart. Default `millrace_queue`. */
  schema?: string;
}

export type MessagingConfig =
  ({ kind: 'redis' } & RedisMessagingConfig) | ({ kind: 'postgres' } & PostgresMessagingConfig);

/** Both ports over one store. Connects by itself, also to a store that comes up later; `close` is the only duty. */
export interface Messaging {
  readonly queue: ExecutionQueue;
  readonly events: EventBus;
  /** Postgres connections this opens at most in a process, 0 with Redis. */
  readonly maxDatabaseConnections: number;
  /** Closes both ports. May be called twice. */
  close(): Promise<void>;
}

export const DEFAULT_PREFIX = 'millrace';
export const DEFAULT_QUEUE_SCHEMA = 'millrace_queue';

export function createMessaging(config: MessagingConfig): Messaging {
  return config.kind === 'redis' ? createRedisMessaging(config) : createPostgresMessaging(config);
}

export function createRedisMessaging(config: RedisMessagingConfig): Messaging {
  const { url, log, prefix = DEFAULT_PREFIX } = config;
  const timing = { ...DEFAULT_TIMING, ...config.timing };
  const connectionName = `${prefix}-${config.name}`;
  const commands = openCommandConnection({
    url,
    connectionName,
    timeoutMs: timing.timeoutMs,
    outage: createOutage(log, 'Redis'),
  });
  void sayFindings(url, log);
  const store = createRedisQueueStore({ url, prefix, connectionName, timing, commands });
  return assemble(
    createExecutionQueue(store, log, timing.timeoutMs),
    createEventBus(
      (sink) => createRedisTransport({ url, prefix, connectionName, commands, log }, sink),
      log,
      timing.timeoutMs,
    ),
    0,
    () => {
      commands.close();
      return Promise.resolve();
    },
  );
}

export function createPostgresMessaging(config: PostgresMessagingConfig): Messaging {
  const { databaseUrl, log, schema = DEFAULT_QUEUE_SCHEMA } = config;
  const timing = { ...DEFAULT_TIMING, ...config.timing };
  const applicationName = `millrace-${config.name}`;
  const outage = createOutage(log, 'Postgres queue');
  const pool = openPublisherPool({ databaseUrl, applicationName, outage });
  const store = createPostgresQueueStore({ databaseUrl, schema, applicationName, timing, pool, outage });
  return assemble(
    createExecutionQueue(store, log, timing.timeoutMs),
    createEventBus(
      (sink) => createPostgresTransport({ databaseUrl, schema, applicationName, pool, log }, sink),
      log,
      timing.timeoutMs,
    ),
    Object.values(POSTGRES_CONNECTIONS).reduce((sum, count) => sum + count, 0),
    () => pool.end(),
  );
}

function assemble(
  queue: ExecutionQueue,
  events: EventBus,
  maxDatabaseConnections: number,
  closeShared: () => Promise<void>,
): Messaging {
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await Promise.all([queue.close(), events.close()]);
    await settledWithin(closeShared(), 1_000);
  }
  return {
    queue,
    events,
    maxDatabaseConnections,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
