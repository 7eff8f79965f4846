/** The whole platform on this machine, from its stores to the last process, until it is asked to stop. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openCredentials } from './credentials.js';
import { PlainError, reason, say } from './console.js';
import { createGuard } from './guard.js';
import { localAddress, waitUntilReady } from './health.js';
import { Interrupted, listenForInterrupt } from './interrupt.js';
import { notable } from './log-lines.js';
import { inRoot, root } from './paths.js';
import { countConnections, openStores } from './platform-stores.js';
import { run } from './run.js';
import { makeEnterable } from './server-user.js';
import { createSupervisor } from './supervise.js';

/** A service has its DRAIN_SECONDS; then a little more, before it is killed. */
const graceSeconds = 5;
const readyWithinMs = 120_000;

/** @typedef {{migrate: string, front: string, scheduler: string, worker: string}} Scripts */

/** @type {Scripts} */
const builtScripts = {
  migrate: inRoot('services', 'scheduler', 'dist', 'migrate.js'),
  front: inRoot('infra', 'local', 'front.js'),
  scheduler: inRoot('services', 'scheduler', 'dist', 'main.js'),
  worker: inRoot('services', 'worker', 'dist', 'main.js'),
};

const builtConsole = path.join('services', 'console', 'dist');

/**
 * @typedef {object} PlatformOptions
 * @property {Scripts} [scripts]
 * @property {number} [drainSeconds] default 10
 * @property {(context: {url: string, secrets: import('./credentials.js').Secrets, say: import('./console.js').Say}) => Promise<void>} [whenReady] the examples; before the platform is announced
 */

/**
 * Runs until SIGINT, SIGTERM or SIGHUP, then stops services and stores in this order.
 * @param {import('./settings.js').Settings} settings
 * @param {PlatformOptions} [options]
 * @returns {Promise<number>} the exit code: 0 after a clean stop, 130 after a hurried one
 * @throws {PlainError} when the platform could not be started, after stopping what had been
 */
export async function runPlatform(settings, { scripts = builtScripts, drainSeconds = 10, whenReady } = {}) {
  const { host, port, workers, dataFolder } = settings;
  const interrupt = listenForInterrupt();
  const guard = createGuard();
  let hurried = false;
  /** @type {import('./platform-stores.js').Stores | undefined} */
  let stores;
  /** @type {import('./supervise.js').Supervisor | undefined} */
  let services;
  interrupt.onHurry(() => {
    hurried = true;
    services?.kill();
    void stores?.stop({ deadlineMs: 2_000 });
  });

  try {
    makeEnterable(dataFolder);
    const credentials = openCredentials(dataFolder, process.env);
    const consoleFolder = path.resolve(root, process.env['CONSOLE_FOLDER'] || builtConsole);
    const hasConsole = existsSync(path.join(consoleFolder, 'index.html'));
    stores = await openStores(settings, guard);
    const env = {
      ...process.env,
      ...stores.env,
      ...credentials.secrets,
      HOST: host,
      PORT: String(port),
      MILLRACE_DATA: dataFolder,
      ...(hasConsole ? { CONSOLE_FOLDER: consoleFolder } : {}),
    };
    await interrupt.during(migrate(scripts.migrate, env));
    services = createSupervisor({ dataFolder, env, guard, say });
    const metrics = metricsPorts(process.env['METRICS_PORT']);
    services.start({ name: 'gateway', script: scripts.front, env: metrics(0) });
    services.start({ name: 'scheduler', script: scripts.scheduler, env: metrics(1) });
    for (let n = 1; n <= workers; n += 1) {
      services.start({ name: `worker-${n}`, script: scripts.worker, env: metrics(n + 1) });
    }

    const url = localAddress(host, port);
    const hopeless = hopelessness(services);
    const missing = await interrupt.during(
      waitUntilReady(url, { timeoutMs: readyWithinMs, hopeless, workers }),
    );
    if (missing)
      throw new PlainError(`Millrace did not get ready: ${missing}. The logs are in ${dataFolder}/logs.`);
    if (whenReady) await interrupt.during(whenReady({ url, secrets: credentials.secrets, say }));
    await announce(url, stores.env['DATABASE_URL'] ?? '', credentials, hasConsole);
    say('Press Ctrl-C to stop.');
    await Promise.race([interrupt.asked, stores.lost]);
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      await shutDown();
      throw error instanceof PlainError ? error : withReason(error);
    }
  }
  say('\nStopping …');
  await shutDown();
  say('Stopped.');
  return hurried ? 130 : 0;

  async function shutDown() {
    await services?.stop((drainSeconds + graceSeconds) * 1_000);
    await stores?.stop();
    guard.close();
  }
}

/**
 * METRICS_PORT is one number, and here are several processes: the gateway has it, the others the ones after it.
 * @param {string | undefined} first
 * @returns {(index: number) => Record<string, string>}
 */
const metricsPorts = (first) => (index) =>
  Number(first) > 0 ? { METRICS_PORT: String(Number(first) + index) } : {};

/** @param {unknown} error */
const withReason = (error) => new PlainError(`Millrace stopped: ${reason(error)}`, { cause: error });

/**
 * @param {string} script
 * @param {NodeJS.ProcessEnv} env
 */
async function migrate(script, env) {
  const { code, output } = await run(process.execPath, [script], { env });
  if (code === 0) return;
  const words = output.split('\n').flatMap((line) => notable(line)?.text ?? []);
  throw new PlainError(
    `The database schema could not be brought up to date:\n${words.join('\n') || output.trim()}`,
  );
}

/** @param {import('./supervise.js').Supervisor} services */
function hopelessness(services) {
  return () => {
    const name = services.hopeless();
    return name ? `${name} keeps dying at its start` : undefined;
  };
}

/** @type {[keyof import('./credentials.js').Secrets, string][]} */
const signIns = [
  ['ADMIN_PASSWORD', 'admin'],
  ['USER_PASSWORD', 'user'],
];

/**
 * @param {string} url
 * @param {string} databaseUrl
 * @param {import('./credentials.js').Credentials} credentials
 * @param {boolean} hasConsole
 */
async function announce(url, databaseUrl, { secrets, file, made, kept }, hasConsole) {
  const { open, allowed } = await countConnections(databaseUrl);
  const isKept = kept.includes('ADMIN_PASSWORD');
  const login = `{\\"username\\":\\"admin\\",\\"password\\":\\"$ADMIN_PASSWORD\\"}`;
  say(`Millrace ready at ${url}`);
  if (hasConsole) say(`  Console        ${url}/`);
  say(`  Documentation  ${url}/docs`);
  for (const [name, user] of signIns) {
    if (made.includes(name)) say(`  Sign in as ${user} with ${secrets[name]}`);
  }
  if (signIns.some(([name]) => kept.includes(name))) say(`  Passwords are kept in ${file}`);
  say(`  PostgreSQL connections: ${open} of ${allowed}`);
  say('Try next:');
  say(
    `  ${isKept ? `. ${file}; ` : ''}curl -s ${url}/api/v1/auth/login/json -H 'content-type: application/json' -d "${login}"`,
  );
}
