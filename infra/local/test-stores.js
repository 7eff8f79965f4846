/** The stores that the suites run on: given ones, or throwaway ones of this run. */
import { randomBytes } from 'node:crypto';
import { errorCode, PlainError, reason, say } from './console.js';
import { startRedis } from './redis.js';
import { startThrowawayPostgres } from './throwaway.js';

/**
 * @typedef {object} TestStores
 * @property {Record<string, string>} env for the suites: TEST_DATABASE_URL, and TEST_REDIS_URL or TEST_REDIS_MISSING
 * @property {string} [missing] what could not be brought up, in words
 * @property {() => Promise<void>} stop
 */

const lasting = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/**
 * A given store only ever gets scratch databases and keys under prefixes of our own.
 * @param {{durable?: boolean}} [options] `durable`: an embedded PostgreSQL as safe, and as slow, as in production
 * @returns {Promise<TestStores>}
 */
export async function openTestStores({ durable = false } = {}) {
  const runId = randomBytes(4).toString('hex');
  /** @type {Record<string, string>} */
  const env = { MILLRACE_TEST_RUN: runId };
  /** @type {(() => Promise<void>)[]} */
  const closers = [];
  const givenDatabase = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  const givenRedis = process.env['TEST_REDIS_URL'] || process.env['REDIS_URL'];
  if (givenDatabase) {
    await refuseUnfit(givenDatabase);
    env['TEST_DATABASE_URL'] = givenDatabase;
    closers.push(() => dropTestDatabases(givenDatabase, runId));
    say('PostgreSQL: the given one, in scratch databases');
  } else {
    const postgres = await startThrowawayPostgres({ log: say, settings: durable ? lasting : {} });
    env['TEST_DATABASE_URL'] = postgres.url;
    closers.push(() => postgres.stop());
    say('PostgreSQL: an embedded throwaway one');
  }
  const stop = async () => {
    for (const close of closers) await close();
  };
  try {
    if (givenRedis) {
      env['TEST_REDIS_URL'] = givenRedis;
      say('Redis: the given one, under prefixes of our own');
    } else {
      const redis = await startRedis({ log: say });
      env['TEST_REDIS_URL'] = redis.url;
      closers.push(() => redis.stop());
      say('Redis: a throwaway one');
    }
    return { env, stop };
  } catch (error) {
    if (!(error instanceof PlainError)) {
      await stop();
      throw error;
    }
    return { env: { ...env, TEST_REDIS_MISSING: '1' }, missing: error.message, stop };
  }
}

/**
 * @param {string} url
 * @throws {PlainError} when scratch databases cannot be made there
 */
async function refuseUnfit(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query(
      'SELECT rolcreatedb OR rolsuper AS fit FROM pg_roles WHERE rolname = current_user',
    );
    if (rows[0]?.fit) return;
  } catch (error) {
    throw new PlainError(`The given PostgreSQL does not serve: ${reason(error) || errorCode(error)}`);
  } finally {
    await client.end().catch(() => {});
  }
  throw new PlainError(
    'The given PostgreSQL role may not create databases: the tests need scratch databases.',
  );
}

/**
 * Removes the migrated templates, and this run's scratch databases that a killed test could not drop itself.
 * @param {string} url
 * @param {string} runId
 */
async function dropTestDatabases(url, runId) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // The lock under which test/support/postgres.ts clones: another run may be at it on the same server.
    await client.query('SELECT pg_advisory_lock(7215001)');
    const { rows } = await client.query(
      `SELECT datname FROM pg_database WHERE datname ~ '^millrace_template_[0-9a-f]+(_unfinished)?$' OR starts_with(datname, $1)`,
      [`millrace_test_${runId}_`],
    );
    for (const { datname } of rows) {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
