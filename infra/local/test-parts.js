/** The parts of `npm test`: each runs visibly and answers with its counts. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlainError, say } from './console.js';
import { buildChecked } from './ensure.js';
import { filesBelow } from './files.js';
import { inRoot } from './paths.js';
import { run } from './run.js';

/** @typedef {{passed: number, failed: number, pending: number, failures: string[]}} Counts */

/** @type {Counts} */
export const nothing = { passed: 0, failed: 0, pending: 0, failures: [] };

/** One check, passed or failed. @param {boolean} passed @param {string} name @returns {Counts} */
export const verdict = (passed, name) =>
  passed ? { ...nothing, passed: 1 } : { ...nothing, failed: 1, failures: [name] };

/** A suite that hangs must not hang the run. */
const partTimeoutMs = 30 * 60_000;

const bin = {
  tsc: inRoot('node_modules', 'typescript', 'bin', 'tsc'),
  eslint: inRoot('node_modules', 'eslint', 'bin', 'eslint.js'),
  prettier: inRoot('node_modules', 'prettier', 'bin', 'prettier.cjs'),
};

/** @returns {Promise<Counts>} */
export async function build() {
  try {
    await buildChecked();
    return verdict(true, 'build');
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    say(error.message);
    return verdict(false, 'build');
  }
}

/** @returns {Promise<Counts>} */
export const typecheck = async () =>
  verdict(
    (await succeeds(bin.tsc, ['-p', 'test/tsconfig.json'])) &&
      (await succeeds(bin.tsc, ['-p', 'infra/local'])) &&
      (await succeeds(bin.tsc, ['-p', 'services/console'])),
    'typecheck',
  );

/** @returns {Promise<Counts>} */
export const lint = async () => verdict(await succeeds(bin.eslint, ['.']), 'lint');

/** @returns {Promise<Counts>} */
export const format = async () =>
  verdict(await succeeds(bin.prettier, ['--check', '--log-level=warn', '.']), 'format');

/**
 * @param {string} script
 * @param {string[]} args
 */
async function succeeds(script, args) {
  const { code } = await run(process.execPath, [script, ...args], { show: true, timeoutMs: partTimeoutMs });
  return code === 0;
}

/**
 * Runs mocha on files.
 * @param {string} name
 * @param {string[]} files relative to the checkout
 * @param {{env: Record<string, string>, grep: string | undefined, reporter: 'spec' | 'dot', timeoutMs: number}} options
 * @returns {Promise<Counts>}
 */
export async function mocha(name, files, { env, grep, reporter, timeoutMs }) {
  if (files.length === 0) {
    say(`no test files`);
    return nothing;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-counts-'));
  const file = path.join(folder, 'counts.json');
  const runner = ['--import=tsx', '--conditions=source', inRoot('infra', 'local', 'run-mocha.js')];
  const job = JSON.stringify({
    files: files.map((one) => inRoot(one)),
    counts: file,
    reporter,
    timeoutMs,
    grep,
  });
  try {
    const { code, timedOut } = await run(process.execPath, [...runner, job], {
      show: true,
      timeoutMs: partTimeoutMs,
      env: { ...process.env, ...env },
    });
    if (!existsSync(file))
      return verdict(false, `${name}: mocha ended before its tests did (exit code ${code})`);
    /** @type {Counts} */
    const counts = JSON.parse(readFileSync(file, 'utf8'));
    if (timedOut) return plus(counts, verdict(false, `${name}: something kept mocha from ending`));
    if (code !== 0 && counts.failed === 0)
      return plus(counts, verdict(false, `${name}: mocha exited with ${code}`));
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Test files below folders, relative to the checkout.
 * @param {string[]} folders
 */
export function testFiles(folders) {
  return folders
    .map((folder) => inRoot(folder))
    .filter((folder) => existsSync(folder))
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.relative(inRoot(), file));
}

/** The `test` folder of every package and service, except the console's, which runs its own runner. */
export const testFolders = () =>
  ['packages', 'services'].flatMap((group) =>
    readdirSync(inRoot(group))
      .filter((name) => name !== 'console')
      .map((name) => `${group}/${name}/test`),
  );

/** The console's own tests. @returns {Promise<Counts>} */
export async function consoleTests() {
  const folder = inRoot('services', 'console');
  const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
  const place = mkdtempSync(path.join(tmpdir(), 'millrace-counts-'));
  const file = path.join(place, 'counts.json');
  try {
    const args = [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run(process.execPath, args, { cwd: folder, show: true, timeoutMs: partTimeoutMs });
    if (!existsSync(file))
      return verdict(false, `console: vitest ended before its tests did (exit code ${code})`);
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const counts = {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      pending: report.numPendingTests,
      failures: [],
    };
    return code !== 0 && counts.failed === 0
      ? plus(counts, verdict(false, `console: vitest exited with ${code}`))
      : counts;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export const plus = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  pending: a.pending + b.pending,
  failures: [...a.failures, ...b.failures],
});
