import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';
import { MIGRATIONS_TABLE } from './migrations/table.js';
import { appliedMigrations, schemaMismatch } from './schema-version.js';
import { surviveLoss } from './survive-loss.js';

export interface MigrateOptions {
  applicationName?: string;
  /** Stop after the migration of this name; the newest by default. Only tests stop early. */
  upTo?: string;
}

/** The key of the session lock that one migrating process holds at a time, per database. */
const MIGRATION_LOCK = 7_215_000;

/**
 * Brings the database to the newest schema, each migration in a transaction of its own, and answers with the names of
 * those applied (none when it was there already). Any number of processes may call it at once: one works, the others
 * wait, however long that takes, and then find nothing to do. Throws a SchemaMismatchError when the database is newer.
 *
 * The login role must own the database (or be a superuser) and, unless the roles of Millrace exist and it is a member,
 * have CREATEROLE.
 */
export async function migrate(
  databaseUrl: string,
  options: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  return alone(databaseUrl, options, async (lock) => {
    const mismatch = schemaMismatch(await appliedMigrations(lock));
    if (mismatch?.kind === 'newer') throw mismatch;
    return withRunner(databaseUrl, options, async (source) => {
      const done = await source.runMigrations({ transaction: 'each' });
      return { applied: done.map((migration) => migration.name) };
    });
  });
}

/** Takes back the last `steps` migrations, newest first, and answers with their names. Data in dropped tables is lost. */
export async function rollback(databaseUrl: string, steps: number): Promise<{ reverted: string[] }> {
  return alone(databaseUrl, {}, async (lock) => {
    const applied = await appliedMigrations(lock);
    const mismatch = schemaMismatch(applied);
    if (mismatch?.kind === 'newer') throw mismatch;
    const reverted = applied.slice(Math.max(0, applied.length - steps)).reverse();
    return withRunner(databaseUrl, {}, async (source) => {
      for (let step = 0; step < reverted.length; step += 1) {
        await source.undoLastMigration({ transaction: 'each' });
      }
      return { reverted };
    });
  });
}

/** Runs `work` while holding the migration lock. The lock lives in a session, so it ends with the process. */
async function alone<T>(
  databaseUrl: string,
  options: MigrateOptions,
  work: (lock: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: options.applicationName ?? 'millrace-migrate',
    connectionTimeoutMillis: 10_000,
  });
  surviveLoss(client);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(client);
  } finally {
    await client.end();
  }
}

async function withRunner<T>(
  databaseUrl: string,
  options: MigrateOptions,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const last = options.upTo === undefined ? -1 : MIGRATIONS.findIndex(({ name }) => name === options.upTo);
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    applicationName: options.applicationName ?? 'millrace-migrate',
    poolSize: 2,
    connectTimeoutMS: 10_000,
    installExtensions: false,
    extra: { onConnect: surviveLoss },
    migrations: last < 0 ? MIGRATIONS : MIGRATIONS.slice(0, last + 1),
    migrationsTableName: MIGRATIONS_TABLE,
  });
  await source.initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}
