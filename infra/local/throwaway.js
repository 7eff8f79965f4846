/** Stores for one test run: in a temporary folder, gone afterwards (also when the run is killed). */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGuard } from './guard.js';
import { startPostgres } from './postgres.js';
import { canReach, serverUser } from './server-user.js';

/**
 * A folder that PostgreSQL's system user can reach, removed by `remove` or after this process's death.
 * @param {string} purpose
 * @param {import('./guard.js').Guard} guard
 */
export function temporaryFolder(purpose, guard) {
  const parent = canReach(serverUser(), tmpdir()) ? tmpdir() : '/tmp';
  const folder = mkdtempSync(path.join(parent, `millrace-${purpose}-`));
  chmodSync(folder, 0o755);
  guard.watchFolder(folder);
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    guard.forgetFolder(folder);
  };
  return { folder, remove };
}

/** Not durable against a crash of the machine, and therefore quick. */
const quick = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/**
 * An empty PostgreSQL of one's own.
 * @param {{log?: import('./console.js').Say, settings?: Record<string, string>}} [options] `settings` go over the quick ones (a benchmark wants `fsync: 'on'`)
 * @returns {Promise<import('./postgres.js').PostgresServer>} its `stop` also removes the folder
 */
export async function startThrowawayPostgres({ log, settings = {} } = {}) {
  const guard = createGuard();
  const { folder, remove } = temporaryFolder('postgres', guard);
  const forget = () => {
    remove();
    guard.close();
  };
  try {
    const options = { dataFolder: path.join(folder, 'data'), guard, settings: { ...quick, ...settings } };
    const server = await startPostgres(log ? { ...options, log } : options);
    return {
      ...server,
      stop: async (how) => {
        await server.stop(how);
        forget();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}
