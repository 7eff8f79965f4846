/** The stores of a run: those that infra/local/bench.js brought up, and scratch parts of them for each contender. */
import pg from 'pg';
import { Redis } from 'ioredis';
import { createScratchDatabase, type ScratchDatabase } from '../../support/postgres.js';
import { createRedisScope, type RedisScope } from '../../support/redis.js';

export interface ContenderStores {
  readonly database: ScratchDatabase;
  readonly redis: RedisScope;
  /** As the owner: for the harness itself. */
  readonly pool: pg.Pool;
  drop(): Promise<void>;
}

/** A migrated database and a key prefix of one's own, on the servers that all contenders share. */
export async function createStores(): Promise<ContenderStores> {
  const database = await createScratchDatabase();
  const redis = await createRedisScope();
  const pool = new pg.Pool({ connectionString: database.url, max: 2, application_name: 'millrace-bench' });
  pool.on('error', () => undefined);
  return {
    database,
    redis,
    pool,
    async drop() {
      await pool.end();
      await redis.cleanup();
      await database.drop({ allowOpen: true });
    },
  };
}

export interface StoreFacts {
  readonly postgres: string;
  readonly redis: string;
}

/** What the stores are. Throws when they are not durable: figures without fsync compare with nothing. */
export async function describeStores(): Promise<StoreFacts> {
  const databaseUrl = process.env['TEST_DATABASE_URL'];
  const redisUrl = process.env['TEST_REDIS_URL'];
  if (!databaseUrl || !redisUrl)
    throw new Error('start it with `npm run bench`: it needs PostgreSQL and Redis');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ version: string; fsync: string; commit: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit`,
  );
  await client.end();
  const { version = '?', fsync, commit } = rows[0] ?? {};
  if (fsync !== 'on' || commit === 'off') throw new Error('this PostgreSQL is not durable (fsync is off)');
  const redis = new Redis(redisUrl);
  const info = await redis.info('server');
  const aof = await redis.config('GET', 'appendonly').catch(() => undefined);
  redis.disconnect();
  const redisVersion = /redis_version:(\S+)/.exec(info)?.[1] ?? '?';
  const isAppending = Array.isArray(aof) && aof[1] === 'yes';
  return {
    postgres: `${version}, fsync on`,
    redis: `${redisVersion}, AOF ${isAppending ? 'every second' : 'off or not known'}`,
  };
}
