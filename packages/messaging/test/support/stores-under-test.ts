import { type Log, type Messaging, migratePostgresQueue, type QueueTiming } from '@millrace/messaging';
import { createMessaging } from '@millrace/messaging';
import { Redis } from 'ioredis';
import pg from 'pg';
import { eventually } from '../../../../test/support/poll.js';
import { createEmptyDatabase, type ScratchDatabase } from '../../../../test/support/postgres.js';
import { createRedisScope } from '../../../../test/support/redis.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

export interface OpenOptions {
  /** Names the connections, for `killConnections`; default `test`. */
  name?: string;
  timing?: Partial<QueueTiming>;
  log?: Log;
  /** Connect through a proxy that can take the store away. */
  proxy?: TcpProxy;
}

/** A queue and event space of one test's own, in a real store. */
export interface Space {
  /** As another process would: nothing is shared with other openings but the store. */
  open(options?: OpenOptions): Messaging;
  startProxy(): Promise<TcpProxy>;
  /** What FLUSHALL or a failover that lost data does to this space. */
  loseContents(): Promise<void>;
  /** Ends the connections of that name from the server's side and tells how many there were. */
  killConnections(name: string): Promise<number>;
  /** Makes a running job's lock someone else's. */
  stealLock(jobId: string): Promise<void>;
  /** Closes what was opened and removes the space. */
  end(): Promise<void>;
}

export interface StoreUnderTest {
  name: 'redis' | 'postgres';
  carriesFrames: boolean;
  start(): Promise<void>;
  createSpace(): Promise<Space>;
  stop(): Promise<void>;
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Whatever was opened is closed in reverse order, whether or not the test did. */
function closing() {
  const closers: (() => Promise<void>)[] = [];
  return {
    later(close: () => Promise<void>): void {
      closers.unshift(close);
    },
    async all(): Promise<void> {
      for (const close of closers.splice(0)) await close();
    },
  };
}

export function redisUnderTest(): StoreUnderTest {
  return {
    name: 'redis',
    carriesFrames: true,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),

    async createSpace() {
      const scope = await createRedisScope();
      const admin = new Redis(scope.url, { lazyConnect: true });
      await admin.connect();
      const open = closing();
      return {
        open({ name = 'test', timing, log = silent, proxy } = {}) {
          const messaging = createMessaging({
            kind: 'redis',
            url: proxy?.url ?? scope.url,
            prefix: scope.prefix,
            name,
            log,
            ...(timing ? { timing } : {}),
          });
          open.later(() => messaging.close());
          return messaging;
        },
        async startProxy() {
          const proxy = await startTcpProxy(scope.url, 6379);
          open.later(() => proxy.close());
          return proxy;
        },
        loseContents: () => scope.cleanup(),
        async killConnections(name) {
          const clients = String(await admin.client('LIST'))
            .split('\n')
            .filter((line) => line.includes(` name=${scope.prefix}-${name} `));
          for (const line of clients)
            await admin.client('KILL', 'ID', /\bid=(\d+)/.exec(line)?.[1] ?? '').catch(() => 0);
          return clients.length;
        },
        async stealLock(jobId) {
          await admin.set(`${scope.prefix}:executions:${jobId}:lock`, 'someone else', 'PX', 60_000);
        },
        async end() {
          await open.all();
          admin.disconnect();
          await scope.cleanup();
        },
      };
    },
  };
}

export function postgresUnderTest(): StoreUnderTest {
  let database: ScratchDatabase | undefined;
  let spaces = 0;
  return {
    name: 'postgres',
    carriesFrames: false,

    async start() {
      database = await createEmptyDatabase();
    },

    async stop() {
      await database?.drop();
    },

    async createSpace() {
      if (!database) throw new Error('start() comes first');
      const { url } = database;
      const schema = `queue_${String((spaces += 1))}`;
      await migratePostgresQueue(url, schema);
      const admin = new pg.Client({ connectionString: url, application_name: 'admin' });
      await admin.connect();
      const open = closing();
      return {
        open({ name = 'test', timing, log = silent, proxy } = {}) {
          const messaging = createMessaging({
            kind: 'postgres',
            databaseUrl: proxy?.url ?? url,
            schema,
            name,
            log,
            ...(timing ? { timing } : {}),
          });
          open.later(() => messaging.close());
          return messaging;
        },
        async startProxy() {
          const proxy = await startTcpProxy(url, 5432);
          open.later(() => proxy.close());
          return proxy;
        },
        async loseContents() {
          // A consumer at work locks the tables in another order: one of the two is refused and tries again.
          await eventually(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
          await migratePostgresQueue(url, schema);
        },
        async killConnections(name) {
          const { rowCount } = await admin.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
            [`millrace-${name}`],
          );
          return rowCount ?? 0;
        },
        async stealLock(jobId) {
          await admin.query(`UPDATE ${schema}.job SET lock_token = 'someone else' WHERE id = $1`, [jobId]);
        },
        async end() {
          await open.all();
          await admin.query(`DROP SCHEMA ${schema} CASCADE`);
          await admin.end();
        },
      };
    },
  };
}
