/**
 * What the local commands say, and how they end.
 *
 * An expected failure (a taken port, no network, a wrong setting) is a {@link PlainError}: its words are printed and
 * nothing else. Everything else is a defect of the command itself and keeps its stack.
 */

/** A failure that a person can act on; its message is the whole answer. */
export class PlainError extends Error {}

/** @typedef {(line: string) => void} Say prints one line of progress */

/** @type {Say} */
export const say = (line) => {
  process.stdout.write(`${line}\n`);
};

/** @type {Say} */
export const silent = () => {};

/** @param {unknown} error */
export const reason = (error) => (error instanceof Error ? error.message : String(error));

/**
 * The code of a system error (`EADDRINUSE`, `ENOENT`), if it has one.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function errorCode(error) {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Seconds with one decimal since `startedAt` (a `performance.now()`).
 * @param {number} startedAt
 */
export const secondsSince = (startedAt) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

/**
 * Runs a command to its end and exits with the code it returns (nothing = 0).
 * @param {() => Promise<number | void>} command
 */
export async function main(command) {
  try {
    process.exit((await command()) ?? 0);
  } catch (error) {
    if (error instanceof PlainError) process.stderr.write(`\n${error.message}\n`);
    else
      process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  }
}
