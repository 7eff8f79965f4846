/** Services as child processes: their logs kept, a dead one started again, all of them stopped together. */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openLog } from './log-files.js';
import { notable, withoutRepeats } from './log-lines.js';
import { root } from './paths.js';
import { signalIfAlive, waitUntil } from './processes.js';

/**
 * @typedef {object} Service
 * @property {string} name unique; names its log file
 * @property {string} script absolute
 * @property {Record<string, string>} [env] over the common ones
 */

/**
 * @typedef {object} Supervisor
 * @property {(service: Service) => void} start
 * @property {() => string | undefined} hopeless the name of a service that keeps dying without ever having lived long
 * @property {() => number} running
 * @property {(deadlineMs: number) => Promise<void>} stop SIGTERM to all, SIGKILL to those left at the deadline; may be called twice
 * @property {() => void} kill at once
 */

/** A service that lived this long was well: its next death starts the back-off anew. */
const wellAfterMs = 30_000;
const hopelessAfter = 4;

/**
 * @param {object} options
 * @param {string} options.dataFolder
 * @param {NodeJS.ProcessEnv} options.env common to all
 * @param {import('./guard.js').Guard} options.guard
 * @param {import('./console.js').Say} options.say
 * @returns {Supervisor}
 */
export function createSupervisor({ dataFolder, env, guard, say }) {
  /** @type {Map<string, {pid: number}>} */
  const alive = new Map();
  /** @type {Map<string, number>} */
  const deaths = new Map();
  /** @type {Set<NodeJS.Timeout>} */
  const pending = new Set();
  let stopping = false;

  return {
    start: launch,
    hopeless: () => [...deaths].find(([, count]) => count >= hopelessAfter)?.[0],
    running: () => alive.size,
    stop,
    kill: () => signalAll('SIGKILL'),
  };

  /** @param {Service} service */
  function launch(service) {
    const { name, script } = service;
    const startedAt = performance.now();
    const log = openLog(dataFolder, name);
    const child = spawn(process.execPath, ['--enable-source-maps', script], {
      cwd: root,
      env: { ...env, ...service.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the terminal's Ctrl-C reaches the launcher alone, which stops all in order.
      detached: true,
    });
    const warn = withoutRepeats((line) => say(line));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        writeSync(log.fd, `${line}\n`);
        const found = notable(line);
        if (found) warn(`[${name}] ${found.level >= 50 ? 'error: ' : ''}${found.text}`);
      });
    }
    const pid = child.pid;
    if (pid) {
      alive.set(name, { pid });
      guard.watch(pid, { rank: 0, signal: 'SIGTERM', graceMs: 15_000 });
    }
    child.once('error', (error) => say(`[${name}] could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      closeSync(log.fd);
      alive.delete(name);
      if (pid) guard.forget(pid);
      if (!stopping) startAgain(service, signal ?? `exit code ${code}`, performance.now() - startedAt);
    });
  }

  /**
   * @param {Service} service
   * @param {string} how it died
   * @param {number} livedMs
   */
  function startAgain(service, how, livedMs) {
    const count = livedMs >= wellAfterMs ? 1 : (deaths.get(service.name) ?? 0) + 1;
    deaths.set(service.name, count);
    const pauseMs = Math.min(15_000, 250 * 2 ** count);
    say(`[${service.name}] died (${how}); starting it again in ${pauseMs / 1000} s`);
    const timer = setTimeout(() => {
      pending.delete(timer);
      if (!stopping) launch(service);
    }, pauseMs);
    pending.add(timer);
  }

  /** @param {number} deadlineMs */
  async function stop(deadlineMs) {
    stopping = true;
    pending.forEach((timer) => clearTimeout(timer));
    signalAll('SIGTERM');
    if (await waitUntil(() => alive.size === 0, deadlineMs)) return;
    say(`Not ended in time, killed: ${[...alive.keys()].join(', ')}`);
    signalAll('SIGKILL');
    await waitUntil(() => alive.size === 0, 5_000);
  }

  /** @param {NodeJS.Signals} signal */
  function signalAll(signal) {
    for (const { pid } of alive.values()) signalIfAlive(signal === 'SIGKILL' ? -pid : pid, signal);
  }
}
