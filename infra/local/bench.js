/**
 * `npm run bench`: brings up stores of its own, durable ones as in production, builds, and runs test/bench/main.ts on
 * the sources' build. Arguments are passed on. Given stores (`TEST_DATABASE_URL`, `TEST_REDIS_URL`) are used instead.
 */
import { existsSync } from 'node:fs';
import { main, PlainError, say } from './console.js';
import { ensureBuilt, ensureInstalled, ensureNode } from './ensure.js';
import { inRoot } from './paths.js';
import { run } from './run.js';

/** @param {readonly string[]} options */
async function browserOf(options) {
  const only = options.indexOf('--only');
  if (only >= 0 && !options[only + 1]?.includes('console')) return {};
  const { chromiumBinary } = await import('./chromium-binary.js');
  return { CHROMIUM_PATH: await chromiumBinary({ log: say }) };
}

await main(async () => {
  ensureNode();
  const script = inRoot('test', 'bench', 'main.ts');
  if (!existsSync(script))
    throw new PlainError('There is no benchmark in this checkout (test/bench/main.ts).');
  await ensureInstalled();
  await ensureBuilt();
  const { openTestStores } = await import('./test-stores.js');
  const stores = await openTestStores({ durable: true });
  try {
    if (stores.missing) say(`NOT RUN: everything that needs Redis. ${stores.missing}`);
    const flags = ['--conditions=source', '--import=tsx', script, ...process.argv.slice(2)];
    const { code } = await run(process.execPath, flags, {
      show: true,
      env: { ...process.env, ...stores.env, ...(await browserOf(process.argv.slice(2))) },
    });
    return code;
  } finally {
    await stores.stop();
  }
});
