/**
 * Runs mocha on files with a reporter that people read, and leaves the counts in a file.
 *
 * `node --import=tsx --conditions=source run-mocha.js <options as JSON>`, options {@link MochaJob}. The counts are
 * `{passed, failed, pending, failures: [title]}`. Like mocha itself it ends when nothing keeps it, with exit code 1
 * after failures.
 */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/**
 * @typedef {object} MochaJob
 * @property {string[]} files
 * @property {string} counts where to leave the counts
 * @property {'spec' | 'dot'} reporter
 * @property {number} timeoutMs for each test
 * @property {string} [grep]
 */

/** @type {MochaJob} */
const job = JSON.parse(process.argv[2] ?? '{}');
const mocha = new Mocha({ reporter: job.reporter, timeout: job.timeoutMs, forbidOnly: true });
if (job.grep) mocha.grep(job.grep);
job.files.forEach((file) => mocha.addFile(file));
await mocha.loadFilesAsync();

/** @type {string[]} */
const failures = [];
const runner = mocha.run(() => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  // A failing hook is a failure without being a test: what counts is what was reported.
  const counts = { passed: passes, failed: failures.length, pending, failures };
  writeFileSync(job.counts, JSON.stringify(counts));
  process.exitCode = failures.length > 0 ? 1 : 0;
});
runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test) => void failures.push(test.fullTitle()));
