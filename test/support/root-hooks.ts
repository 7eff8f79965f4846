/** Ending what a test process started on demand. */

/**
 * Runs `end` after the last test of this process. Outside of mocha nothing is run: the stores' guardian ends them with
 * the process.
 */
export function afterAllTests(end: () => Promise<void>): void {
  // While mocha loads a file, `after` belongs to the root suite.
  if (typeof globalThis.after === 'function') globalThis.after('stop what this run started', end);
}
