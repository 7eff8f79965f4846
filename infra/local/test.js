/**
 * `npm test`: everything the CI runs, on a machine that has Node and nothing else.
 * A failed part does not stop the later ones, except the build. The last line is `N passed, N failed`.
 */
import { main, PlainError, say, secondsSince } from './console.js';
import { ensureInstalled, ensureNode } from './ensure.js';
import { readTestOptions, storeParts } from './test-options.js';

await main(async () => {
  ensureNode();
  const { parts, grep, ci } = readTestOptions(process.argv.slice(2), process.env);
  await ensureInstalled();
  const {
    build,
    consoleTests,
    format,
    lint,
    mocha,
    nothing,
    plus,
    testFiles,
    testFolders,
    typecheck,
    verdict,
  } = await import('./test-parts.js');

  /** @type {{name: string, counts: import('./test-parts.js').Counts, took: string}[]} */
  const done = [];
  /** @param {string} name @param {() => Promise<import('./test-parts.js').Counts>} act */
  const part = async (name, act) => {
    say(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}`);
    const startedAt = performance.now();
    const counts = await act();
    done.push({ name, counts, took: secondsSince(startedAt) });
    return counts;
  };

  const wanted = (/** @type {string} */ name) => parts.some((one) => one === name);
  const builds = !wanted('build') || (await part('build', build)).failed === 0;
  if (!builds) say('\nNothing else can be judged without a build.');
  else {
    if (wanted('typecheck')) await part('typecheck', typecheck);
    if (wanted('lint')) await part('lint', lint);
    if (wanted('format')) await part('format', format);
    const unitFolders = [...testFolders(), 'infra/local/test'];
    const unit = { env: {}, grep, reporter: /** @type {const} */ ('dot'), timeoutMs: 10_000 };
    if (wanted('unit')) await part('unit', () => mocha('unit', testFiles(unitFolders), unit));
    if (storeParts.some((name) => wanted(name) && testFiles([`test/${name}`]).length > 0)) await runSuites();
    if (wanted('console')) await part('console', consoleTests);
  }
  return summary();

  /** The suites that need stores; some of them start the built services. */
  async function runSuites() {
    const starts = wanted('recovery') || wanted('e2e');
    if (starts && !wanted('build') && (await part('build', build)).failed > 0) return;
    const { openTestStores } = await import('./test-stores.js');
    say('');
    const stores = await openTestStores().catch((/** @type {unknown} */ error) => {
      if (error instanceof PlainError) return error;
      throw error;
    });
    if (stores instanceof PlainError) {
      say(stores.message);
      await part('stores', () => Promise.resolve(verdict(false, 'stores: no PostgreSQL for the tests')));
      return;
    }
    try {
      if (stores.missing) say(`NOT RUN: everything that needs Redis. ${stores.missing}`);
      if (stores.missing && ci)
        await part('redis', () => Promise.resolve(verdict(false, 'redis: none for the tests')));
      const env = { ...stores.env, ...(wanted('e2e') && (await browser())) };
      const options = { env, grep, reporter: /** @type {const} */ ('spec'), timeoutMs: 60_000 };
      for (const name of storeParts.filter(wanted)) {
        await part(name, () => mocha(name, testFiles([`test/${name}`]), options));
      }
    } finally {
      await stores.stop();
    }
  }

  /** What the end-to-end tests find their browser by. @returns {Promise<Record<string, string>>} */
  async function browser() {
    const { chromiumBinary } = await import('./chromium-binary.js');
    try {
      return { CHROMIUM_PATH: await chromiumBinary({ log: say }) };
    } catch (error) {
      if (!(error instanceof PlainError)) throw error;
      say(`NOT RUN: everything that needs a browser. ${error.message}`);
      if (ci) await part('browser', () => Promise.resolve(verdict(false, 'browser: none for the tests')));
      return {};
    }
  }

  /** @returns {number} the exit code */
  function summary() {
    const total = done.map((one) => one.counts).reduce(plus, nothing);
    say(`\n── summary ${'─'.repeat(53)}`);
    for (const { name, counts, took } of done) {
      const pending = counts.pending > 0 ? `, ${counts.pending} pending` : '';
      say(`${name.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed${pending} (${took})`);
      counts.failures.forEach((title) => say(`  failed: ${title}`));
    }
    const failed = total.failed + (ci ? total.pending : 0);
    if (total.pending > 0) say(`${total.pending} tests were not run${ci ? '; in CI that is a failure' : ''}`);
    say(`${total.passed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  }
});
