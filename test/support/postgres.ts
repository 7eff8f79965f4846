/** Databases for tests: cloned from a template that is migrated once, each test its own. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@millrace/persistence';
import pg from 'pg';
import { startThrowawayPostgres, type PostgresServer } from '../../infra/local/stores.js';
import { afterAllTests } from './root-hooks.js';
import { eventually } from './poll.js';

export interface ScratchDatabase {
  readonly url: string;
  /**
   * Drops the database. Throws, after dropping, when connections to it are still open: a test leaked a pool or a
   * process. `{ allowOpen: true }` where that is the point of the test.
   */
  drop(options?: { allowOpen?: boolean }): Promise<void>;
}

const migrationsFolder = fileURLToPath(new URL('../../packages/persistence/src/migrations', import.meta.url));

/** Serializes making, cloning and removing templates between test processes. */
const cloneLock = 7_215_001;

let onDemand: Promise<PostgresServer> | undefined;

afterAllTests(async () => {
  await (await onDemand)?.stop();
});

/**
 * An address whose role may create databases: `TEST_DATABASE_URL`, or a throwaway server that this process starts once
 * and stops after its last test.
 */
export async function testDatabaseUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return given;
  onDemand ??= startThrowawayPostgres();
  return (await onDemand).url;
}

/** A server of one's own, for tests that stop it or stall it. Its database is empty: `migrate(url)` it. */
export function startOwnPostgres(settings?: Record<string, string>): Promise<PostgresServer> {
  return startThrowawayPostgres(settings ? { settings } : {});
}

/** A database with the newest schema and no rows but the migrations' own. */
export function createScratchDatabase(): Promise<ScratchDatabase> {
  return create((admin, adminUrl) => ensureTemplate(admin, adminUrl));
}

/** A database without any table, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<ScratchDatabase> {
  return create(() => Promise.resolve('template0'));
}

async function create(
  templateFor: (admin: pg.Client, adminUrl: string) => Promise<string>,
): Promise<ScratchDatabase> {
  const adminUrl = await testDatabaseUrl();
  const name = `millrace_test_${process.env['MILLRACE_TEST_RUN'] ?? 'alone'}_${randomBytes(6).toString('hex')}`;
  await withAdmin(adminUrl, async (admin) => {
    // A session lock: it goes with the connection, whatever happens in between.
    await admin.query('SELECT pg_advisory_lock($1)', [cloneLock]);
    const template = await templateFor(admin, adminUrl);
    await admin.query(`CREATE DATABASE ${quote(name)} TEMPLATE ${quote(template)} ${await strategy(admin)}`);
  });
  return {
    url: withDatabase(adminUrl, name),
    drop: (options = {}) => withAdmin(adminUrl, (admin) => drop(admin, name, options)),
  };
}

/**
 * Copying files takes half the time of logging every page, but forces a checkpoint of the whole server: only where that
 * costs nothing, on a throwaway one.
 */
async function strategy(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ quick: boolean }>(
    `SELECT current_setting('fsync') = 'off' AND current_setting('server_version_num')::int >= 150000 AS quick`,
  );
  return rows[0]?.quick ? 'STRATEGY FILE_COPY' : '';
}

/** Makes the migrated template unless it is there. Runs under the clone lock. */
async function ensureTemplate(admin: pg.Client, adminUrl: string): Promise<string> {
  const template = `millrace_template_${schemaFingerprint()}`;
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
  if (rowCount) return template;
  // Renamed when complete: an interrupted run leaves no half-migrated template.
  const unfinished = `${template}_unfinished`;
  await admin.query(`DROP DATABASE IF EXISTS ${quote(unfinished)} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${quote(unfinished)} TEMPLATE template0`);
  await migrate(withDatabase(adminUrl, unfinished));
  // A closed connection's server process lingers for a moment.
  await eventually(() => admin.query(`ALTER DATABASE ${quote(unfinished)} RENAME TO ${quote(template)}`));
  return template;
}

/** Every migration's text: another schema is another template. */
function schemaFingerprint(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(migrationsFolder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(ts|js|sql)$/.test(file))
      hash.update(file).update(readFileSync(path.join(migrationsFolder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function drop(admin: pg.Client, name: string, options: { allowOpen?: boolean }): Promise<void> {
  let leak: unknown;
  if (!options.allowOpen) {
    await eventually(() => assertUnused(admin, name), { timeoutMs: 2_000 }).catch((error: unknown) => {
      leak = error;
    });
  }
  await admin.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
  if (leak instanceof Error) throw leak;
}

async function assertUnused(admin: pg.Client, name: string): Promise<void> {
  const { rows } = await admin.query<{ who: string }>(
    `SELECT concat_ws(': ', nullif(application_name, ''), left(query, 120)) AS who FROM pg_stat_activity WHERE datname = $1`,
    [name],
  );
  if (rows.length === 0) return;
  throw new Error(`${rows.length} connections were left open: ${rows.map((row) => row.who).join(' | ')}`);
}

async function withAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl, application_name: 'millrace-test-admin' });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function quote(identifier: string): string {
  return pg.escapeIdentifier(identifier);
}
