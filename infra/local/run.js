/** Running a program to its end. */
import { spawn } from 'node:child_process';
import { PlainError, say, secondsSince } from './console.js';
import { root } from './paths.js';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the checkout
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [show] the program writes to this terminal; its output is not collected
 * @property {number} [timeoutMs] then its whole process group is killed
 */

/**
 * Runs a program and answers with its exit code and what it wrote (both streams, in order of arrival).
 * A program that is not there answers with code 127, as a shell would.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{code: number, output: string, timedOut: boolean}>}
 */
export function run(command, args, { cwd = root, env = process.env, show = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let output = '';
    let timedOut = false;
    const collect = (/** @type {Buffer} */ chunk) => (output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: output + error.message, timedOut });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output, timedOut });
    });
  });
}

/**
 * One long step with one line of progress; a failing one shows what it wrote.
 * @param {string} label
 * @param {string} command
 * @param {string[]} args
 * @throws {PlainError} when it fails
 */
export async function runStep(label, command, args) {
  const startedAt = performance.now();
  process.stdout.write(`${label} … `);
  const { code, output } = await run(command, args);
  if (code === 0) {
    say(secondsSince(startedAt));
    return;
  }
  say('failed');
  process.stderr.write(`${output.trimEnd()}\n`);
  throw new PlainError(
    `${label}: \`${[command, ...args].join(' ')}\` failed (exit code ${code}); its output is above.`,
  );
}
