/** An embedded PostgreSQL: started, supervised by the guardian, stopped. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { choosePort, openCluster, owner, serverEnvironment } from './cluster.js';
import { PlainError, silent } from './console.js';
import { createGuard } from './guard.js';
import { openLog, textSince } from './log-files.js';
import { signalIfAlive, waitUntil } from './processes.js';
import { makeEnterable } from './server-user.js';

/**
 * @typedef {object} PostgresServer
 * @property {string} url of the database `millrace`, as its owner (a superuser)
 * @property {number} pid
 * @property {string} dataFolder
 * @property {Promise<void>} exited resolves when the server has ended, for whatever reason
 * @property {(options?: {deadlineMs?: number}) => Promise<void>} stop fast shutdown: clients are disconnected, nothing committed is lost; may be called twice
 */

/**
 * @typedef {object} PostgresOptions
 * @property {string} dataFolder the folder of MILLRACE_DATA; the cluster is its `postgres/`
 * @property {import('./console.js').Say} [log]
 * @property {import('./guard.js').Guard} [guard] stops the server if this process dies; default: one of its own
 * @property {Record<string, string>} [settings] over the defaults below
 */

/** Durable (fsync stays on), modest, and silent about the usual. */
const defaults = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
};

const readyWithinMs = 120_000;

/**
 * Serves the database of a data folder on 127.0.0.1, creating it the first time.
 * It lives in a process group of its own, so that the terminal's Ctrl-C cannot end it before its clients.
 * @param {PostgresOptions} options
 * @returns {Promise<PostgresServer>}
 * @throws {PlainError} in plain words when the folder cannot be served
 */
export async function startPostgres({ dataFolder, log = silent, guard, settings = {} }) {
  makeEnterable(dataFolder);
  const cluster = openCluster(dataFolder, log);
  const ownGuard = guard ? undefined : createGuard();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = await choosePort(dataFolder, attempt > 1);
      const server = launch(cluster, dataFolder, { ...defaults, ...settings, port: String(port) });
      (guard ?? ownGuard)?.watch(server.pid, { rank: 1, signal: 'SIGINT', graceMs: 20_000 });
      void server.exited.then(() => (guard ?? ownGuard)?.forget(server.pid));
      if (await server.ready()) {
        const url = `postgres://${owner}:${cluster.password}@127.0.0.1:${port}`;
        await ensureDatabase(`${url}/postgres`).catch(async (/** @type {unknown} */ error) => {
          await server.stop();
          throw error;
        });
        void server.exited.then(() => ownGuard?.close());
        return {
          url: `${url}/${owner}`,
          pid: server.pid,
          dataFolder,
          exited: server.exited,
          stop: server.stop,
        };
      }
      const words = server.words();
      // Somebody took the port between the look and the start.
      if (attempt < 3 && /Address already in use/i.test(words)) continue;
      throw new PlainError(`PostgreSQL did not start. Its last words:\n${words || '(none)'}`);
    }
  } catch (error) {
    ownGuard?.close();
    throw error;
  }
}

/**
 * Starts the server process.
 * @param {import('./cluster.js').Cluster} cluster
 * @param {string} dataFolder
 * @param {Record<string, string>} settings
 */
function launch({ folder, user, binaries }, dataFolder, settings) {
  const log = openLog(dataFolder, 'postgres');
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', folder, ...flags], {
    ...user,
    cwd: '/',
    env: serverEnvironment,
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  closeSync(log.fd);
  let ended = false;
  let spawnError = '';
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      spawnError = error.message;
      end();
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    exited,
    /** False when it ended, or was not ready in time (it is stopped then). */
    ready: async () => {
      await waitUntil(() => ended || isReady(folder, pid), readyWithinMs);
      if (!ended && isReady(folder, pid)) return true;
      await stop();
      return false;
    },
    words: () => spawnError || textSince(log.file, log.size),
    stop,
  };

  /** @param {{deadlineMs?: number}} [options] */
  async function stop({ deadlineMs = 20_000 } = {}) {
    const gone = () => ended;
    const ways = /** @type {const} */ ([
      ['SIGINT', deadlineMs],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ]);
    for (const [signal, withinMs] of ways) {
      if (ended) return;
      signalIfAlive(pid, signal);
      await waitUntil(gone, withinMs);
    }
  }
}

/**
 * The server writes its state into the eighth line of its lock file; pg_ctl reads it the same way.
 * @param {string} folder
 * @param {number} pid
 */
function isReady(folder, pid) {
  const lock = path.join(folder, 'postmaster.pid');
  if (!existsSync(lock)) return false;
  const lines = readFileSync(lock, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** @param {string} url of the maintenance database */
async function ensureDatabase(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [owner]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(owner)}`);
  } finally {
    await client.end();
  }
}
