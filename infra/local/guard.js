/** The launcher's side of the guardian (see guardian.js). */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Guard
 * @property {(pid: number, how: {rank: number, signal: NodeJS.Signals, graceMs: number}) => void} watch stop this process if the launcher dies; lower ranks first
 * @property {(pid: number) => void} forget it has ended
 * @property {(folder: string) => void} watchFolder remove this folder if the launcher dies
 * @property {(folder: string) => void} forgetFolder
 * @property {() => void} close end the guardian; what it still watches is stopped
 */

/**
 * Starts a guardian. It never keeps the launcher alive.
 * @returns {Guard}
 */
export function createGuard() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./guardian.js', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  });
  child.unref();
  // The pipe is a socket underneath, which may be unreferenced; the declared type does not know.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  // A guardian that somebody killed must not take the launcher with it.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const tell = (/** @type {object} */ message) => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  return {
    watch: (pid, how) => tell({ watch: { pid, ...how } }),
    forget: (pid) => tell({ forget: pid }),
    watchFolder: (folder) => tell({ folder }),
    forgetFolder: (folder) => tell({ forgetFolder: folder }),
    close: () => child.stdin.end(),
  };
}
