import { randomUUID } from 'node:crypto';
import { type IQueueBackend, type PostgresConnectionOptions, Queue, type QueueBaseOptions } from 'bullmq';
import type pg from 'pg';
import type { Outage } from '../outage.js';
import { clientConfig, POSTGRES_CONNECTIONS } from '../postgres/connections.js';
import { quoteSchema } from '../postgres/identifiers.js';
import { AbandonableWorker } from './abandonable-worker.js';
import { QUEUE_NAME } from './hints.js';
import { INCARNATION_TABLE } from './migrate-postgres.js';
import { paced } from './paced-backend.js';
import { createPatientBackend } from './postgres-backend.js';
import { MAX_STALLED_COUNT, QUEUE_EVENTS_MAX_LENGTH, type QueueStore, type QueueTiming } from './store.js';

type PostgresOptions = QueueBaseOptions<PostgresConnectionOptions>;

/** The queue in a Postgres schema of its own, made by `migratePostgresQueue`. */
export function createPostgresQueueStore(options: {
  databaseUrl: string;
  schema: string;
  applicationName: string;
  timing: QueueTiming;
  pool: pg.Pool;
  outage: Outage;
}): QueueStore {
  const { pool, timing } = options;
  const table = `${quoteSchema(options.schema)}.${INCARNATION_TABLE}`;
  const connection = {
    ...clientConfig(options.databaseUrl, options.applicationName),
    schema: options.schema,
    max: POSTGRES_CONNECTIONS.producer,
  };
  let queue: ReturnType<typeof createProducer> | undefined;

  function createProducer() {
    const created = new Queue(
      QUEUE_NAME,
      { connection, streams: { events: { maxLen: QUEUE_EVENTS_MAX_LENGTH } } },
      (name: string, base: PostgresOptions): IQueueBackend => createPatientBackend(name, base),
    );
    created.on('error', (error) => {
      options.outage.failed(error);
    });
    return created;
  }

  return {
    producer() {
      queue ??= createProducer();
      return Promise.resolve(queue);
    },

    createWorker(processor, concurrency, outage) {
      const worker = new AbandonableWorker(
        QUEUE_NAME,
        processor,
        {
          connection,
          concurrency,
          autorun: false,
          drainDelay: timing.drainDelaySeconds,
          lockDuration: timing.lockMs,
          stalledInterval: timing.stalledCheckMs,
          maxStalledCount: MAX_STALLED_COUNT,
          runRetryDelay: 1_000,
        },
        (name: string, base: PostgresOptions) => paced(createPatientBackend(name, base), outage),
      );
      return { worker, release: () => undefined };
    },

    async ensureIncarnation() {
      const candidate = randomUUID();
      const created = await pool.query<{ incarnation: string }>(
        `INSERT INTO ${table} (incarnation) VALUES ($1) ON CONFLICT DO NOTHING RETURNING incarnation`,
        [candidate],
      );
      if (created.rows.length > 0) return { incarnation: candidate, fresh: true };
      const { rows } = await pool.query<{ incarnation: string }>(`SELECT incarnation FROM ${table}`);
      const [row] = rows;
      if (!row) throw new Error(`${table} was emptied while it was read`);
      return { incarnation: row.incarnation, fresh: false };
    },

    async ping() {
      await pool.query(`SELECT FROM ${table}`);
    },

    async close() {
      await queue?.close();
    },
  };
}
