/**
 * `npm start`: the whole platform on a machine that has Node and nothing else.
 * Installs and builds what is missing, then runs until Ctrl-C.
 */
import { PlainError, errorCode, main, reason } from './console.js';
import { ensureBuilt, ensureInstalled, ensureNode } from './ensure.js';
import { isPortFree } from './ports.js';

await main(async () => {
  ensureNode();
  const { loadEnvironmentFile, readSettings } = await import('./settings.js');
  loadEnvironmentFile();
  const settings = readSettings(process.env, process.argv.slice(2));
  await refuseTakenPort(settings);
  await ensureInstalled();
  await ensureBuilt();
  const { checkConfiguration } = await import('./configuration.js');
  const { drainSeconds } = await checkConfiguration(process.env);
  const { runPlatform } = await import('./platform.js');
  const { seedAndRunExample } = await import('./examples.js');
  return runPlatform(settings, {
    drainSeconds,
    whenReady: ({ url, secrets, say }) =>
      seedAndRunExample({ url, secrets, say, run: settings.runExample && settings.workers > 0 }),
  });
});

/** @param {import('./settings.js').Settings} settings */
async function refuseTakenPort({ host, port }) {
  try {
    if (await isPortFree(port, host)) return;
  } catch (error) {
    const why =
      errorCode(error) === 'EACCES' ? 'this user may not (ports below 1024 are reserved)' : reason(error);
    throw new PlainError(`Millrace cannot listen on ${host}, port ${port}: ${why}.`);
  }
  throw new PlainError(
    `Port ${port} on ${host} is taken by another program (\`lsof -i :${port}\` names it). ` +
      `Stop that one, or start on another port: PORT=${port === 65_535 ? 8080 : port + 1} npm start`,
  );
}
