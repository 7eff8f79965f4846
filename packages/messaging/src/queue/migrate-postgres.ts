import { runMigrations } from 'bullmq';
import pg from 'pg';
import { clientConfig } from '../postgres/connections.js';
import { quoteSchema } from '../postgres/identifiers.js';
import { QUEUE_NAME } from './hints.js';
import { QUEUE_EVENTS_MAX_LENGTH } from './store.js';

export const INCARNATION_TABLE = 'queue_incarnation';

/**
 * Creates or upgrades the schema of the Postgres queue. Run it once, in the process that migrates: the queue itself only
 * checks. Safe to repeat and to run in several processes at once (an advisory lock serializes them).
 * Rejects where the schema was made by a newer major version, or Postgres is too old.
 */
export async function migratePostgresQueue(databaseUrl: string, schema: string): Promise<void> {
  const quoted = quoteSchema(schema);
  const client = new pg.Client({ ...clientConfig(databaseUrl, 'millrace-migrate'), query_timeout: 0 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client, schema);
    // Concurrent CREATE … IF NOT EXISTS of one table can collide, so this takes a lock of its own.
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${schema}.${INCARNATION_TABLE}`]);
    await client.query(`
      CREATE TABLE IF NOT EXISTS ${quoted}.${INCARNATION_TABLE} (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        incarnation uuid NOT NULL
      )`);
    await client.query(
      `INSERT INTO ${quoted}.meta (queue, field, value) VALUES ($1, 'opts.maxLenEvents', $2)
       ON CONFLICT (queue, field) DO UPDATE SET value = EXCLUDED.value`,
      [QUEUE_NAME, String(QUEUE_EVENTS_MAX_LENGTH)],
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
