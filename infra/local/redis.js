/** A throwaway Redis with the settings that Millrace asks of a real one. */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { PlainError, silent } from './console.js';
import { createGuard } from './guard.js';
import { openLog, textSince } from './log-files.js';
import { dataFolderOf } from './paths.js';
import { freePort } from './ports.js';
import { signalIfAlive, waitUntil } from './processes.js';
import { redisBinary } from './redis-binary.js';
import { temporaryFolder } from './throwaway.js';

/**
 * @typedef {object} RedisServer
 * @property {string} url
 * @property {number} pid
 * @property {Promise<void>} exited resolves when the server has ended, for whatever reason
 * @property {() => Promise<void>} stop also removes its data; may be called twice
 */

/**
 * Starts a Redis (or Valkey) on a free port of 127.0.0.1, with an append-only file synced every second and `noeviction`.
 * @param {{log?: import('./console.js').Say, port?: number}} [options] `port`: this one instead of any free one
 * @returns {Promise<RedisServer>}
 * @throws {PlainError} when there is no Redis to start
 */
export async function startRedis({ log = silent, port: wantedPort } = {}) {
  const binary = await redisBinary({ toolsFolder: path.join(dataFolderOf(), 'tools'), log });
  const guard = createGuard();
  const { folder, remove } = temporaryFolder('redis', guard);
  const port = wantedPort ?? (await freePort());
  const output = openLog(folder, 'redis');
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '',
    daemonize: 'no',
  };
  const child = spawn(
    binary.command,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    { env: binary.env, cwd: folder, stdio: ['ignore', output.fd, output.fd], detached: true },
  );
  closeSync(output.fd);
  let ended = false;
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const pid = child.pid ?? 0;
  guard.watch(pid, { rank: 1, signal: 'SIGTERM', graceMs: 5_000 });

  const stop = async () => {
    if (!ended) signalIfAlive(pid, 'SIGTERM');
    if (!(await waitUntil(() => ended, 5_000))) signalIfAlive(pid, 'SIGKILL');
    await exited;
    guard.forget(pid);
    remove();
    guard.close();
  };

  await waitUntil(async () => ended || (await answersPing(port)), 20_000);
  if (!ended && (await answersPing(port))) return { url: `redis://127.0.0.1:${port}`, pid, exited, stop };
  const words = textSince(output.file, output.size);
  await stop();
  throw new PlainError(`Redis did not start. Its last words:\n${words || '(none)'}`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
  });
}
