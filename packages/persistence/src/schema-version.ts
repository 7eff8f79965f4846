import pg from 'pg';
import { MIGRATIONS } from './migrations/index.js';
import { MIGRATIONS_TABLE } from './migrations/table.js';
import type { Queryable } from './pool.js';
import { surviveLoss } from './survive-loss.js';

/** The names of this build's migrations, oldest first. */
export const EXPECTED_MIGRATIONS: readonly string[] = MIGRATIONS.map((migration) => migration.name);

/** The database does not have the schema this build works with. The message is a sentence for the operator. */
export class SchemaMismatchError extends Error {
  override readonly name = 'SchemaMismatchError';

  constructor(
    readonly kind: 'missing' | 'older' | 'newer',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Compares what a database has with what this build expects. Undefined when they agree. A database that has both
 * unknown and missing migrations is newer: it was migrated by another line of development.
 */
export function schemaMismatch(applied: readonly string[]): SchemaMismatchError | undefined {
  const unknown = applied.filter((name) => !EXPECTED_MIGRATIONS.includes(name));
  if (unknown.length > 0) {
    return new SchemaMismatchError(
      'newer',
      `The database schema is newer than this build of Millrace (it has ${unknown.join(', ')}). ` +
        'Start the newer build, or give this one another database.',
    );
  }
  const missing = EXPECTED_MIGRATIONS.filter((name) => !applied.includes(name));
  if (missing.length === 0) return undefined;
  if (applied.length === 0) {
    return new SchemaMismatchError('missing', 'The database has no Millrace schema yet: run migrate first.');
  }
  return new SchemaMismatchError(
    'older',
    `The database schema is older than this build of Millrace (missing ${missing.join(', ')}): run migrate first.`,
  );
}

/**
 * Throws a SchemaMismatchError unless the database has exactly the schema of this build; a connection error when it
 * cannot be asked. Given an address, it opens one connection for the question.
 */
export async function assertSchema(database: Queryable | string): Promise<void> {
  const mismatch = schemaMismatch(await appliedMigrations(database));
  if (mismatch) throw mismatch;
}

/** The names of the applied migrations, oldest first; empty for a database that was never migrated. */
export async function appliedMigrations(database: Queryable | string): Promise<string[]> {
  if (typeof database !== 'string') return read(database);
  const client = new pg.Client({ connectionString: database, connectionTimeoutMillis: 5_000 });
  surviveLoss(client);
  await client.connect();
  try {
    return await read(client);
  } finally {
    await client.end();
  }
}

async function read(database: Queryable): Promise<string[]> {
  const found = await database.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    MIGRATIONS_TABLE,
  ]);
  if (found.rows[0]?.found !== true) return [];
  const { rows } = await database.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY id`);
  return rows.map((row) => row.name);
}
