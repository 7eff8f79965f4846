/** The stores of a running platform: given ones, or the embedded PostgreSQL, kept alive. */
import { say } from './console.js';
import { startPostgres } from './postgres.js';
import { delay } from './processes.js';

/**
 * @typedef {object} Stores
 * @property {Record<string, string>} env DATABASE_URL, and REDIS_URL when there is one
 * @property {Promise<never>} lost rejects when the database is gone for good
 * @property {(options?: {deadlineMs?: number}) => Promise<void>} stop
 */

/**
 * @param {import('./settings.js').Settings} settings
 * @param {import('./guard.js').Guard} guard
 * @returns {Promise<Stores>}
 */
export async function openStores({ given, dataFolder }, guard) {
  if (given) {
    const env = { DATABASE_URL: given.databaseUrl, REDIS_URL: given.redisUrl };
    return { env, lost: new Promise(() => {}), stop: () => Promise.resolve() };
  }
  let server = await startPostgres({ dataFolder, guard, log: say });
  const { url } = server;
  let stopping = false;
  const lost = keepAlive();
  lost.catch(() => {});
  return {
    env: { DATABASE_URL: url },
    lost,
    stop: (options) => {
      stopping = true;
      return server.stop(options);
    },
  };

  /**
   * Starts a server that died (killed for want of memory, usually) again, at the same address.
   * @returns {Promise<never>}
   */
  async function keepAlive() {
    for (;;) {
      await server.exited;
      if (stopping) return new Promise(() => {});
      say('PostgreSQL ended unexpectedly; starting it again');
      server = await restart();
      if (server.url !== url) throw new Error('PostgreSQL lost its port to another program');
    }
  }

  /** The dead server's own processes may hold the data for a moment. */
  async function restart() {
    for (let attempt = 1; ; attempt += 1) {
      await delay(300 * attempt);
      try {
        return await startPostgres({ dataFolder, guard, log: say });
      } catch (error) {
        if (attempt >= 5 || stopping) throw error;
      }
    }
  }
}

/**
 * How many connections the platform holds now, and how many the server allows.
 * @param {string} url
 * @returns {Promise<{open: number, allowed: number}>}
 */
export async function countConnections(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT count(*)::int AS open, current_setting('max_connections')::int AS allowed
         FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
}
