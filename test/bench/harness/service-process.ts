/** The platform's services as processes of their own, started as in production. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../infra/local/stores.js';
import { until } from './wait.js';

export interface ServiceProcess {
  readonly name: string;
  /** What it tells about itself, by name; of one with labels the last. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Milliseconds that it computed between two looks, since the last call; see delay-probe.js. None without `isProbed`. */
  stretches(): Promise<readonly number[]>;
  /** SIGTERM, and an error when it does not end cleanly. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Names its log file, too. */
  name: string;
  /** Absolute, built JavaScript. */
  script: string;
  env: NodeJS.ProcessEnv;
  logFolder: string;
  /** For Node, before the script. */
  flags?: readonly string[];
  /** Loads the probe of `stretches`. */
  isProbed?: boolean;
}

const PROBE = fileURLToPath(new URL('./delay-probe.js', import.meta.url));

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

function remember(child: ChildProcess): Promise<number | null> {
  alive.add(child);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      alive.delete(child);
      resolve(code);
    });
  });
}

/** Resolves when the service says that it is ready. Its log is at the level that a user gets, in a file. */
export async function startService({
  name,
  script,
  env,
  logFolder,
  flags = [],
  isProbed = false,
}: ServiceOptions): Promise<ServiceProcess> {
  const port = await freePort();
  const logFile = path.join(logFolder, `${name}-${port}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...flags, ...(isProbed ? ['--import', PROBE] : []), script], {
    env: { ...env, METRICS_PORT: String(port) },
    stdio: ['ignore', log, log, ...(isProbed ? (['ipc'] as const) : [])],
  });
  closeSync(log);
  const exited = remember(child);
  let code: number | null | undefined;
  void exited.then((ended) => {
    code = ended;
  });
  await until(`${name} to be ready`, async () => {
    if (code !== undefined) throw new Error(`${name} ended at its start:\n${lastLines(logFile)}`);
    return isReady(port);
  });
  return {
    name,
    async metrics() {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const samples = text.matchAll(/^(\w+)(?:\{[^}]*\})? (\S+)$/gm);
      return new Map(Array.from(samples, ([, metric = '', value]) => [metric, Number(value)]));
    },
    async stretches() {
      if (!isProbed || process.platform !== 'linux') return [];
      const answer = new Promise<unknown>((resolve) => child.once('message', resolve));
      child.send('stretches');
      const stretches: unknown = await answer;
      return Array.isArray(stretches) ? stretches.map(Number) : [];
    },
    async stop() {
      child.kill('SIGTERM');
      if ((await exited) !== 0) throw new Error(`${name} did not end cleanly:\n${lastLines(logFile)}`);
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

export interface Helper<Sent extends object> {
  send(message: Sent): void;
  /** Resolves with the next message. */
  next(): Promise<unknown>;
  stop(): Promise<void>;
}

/** A TypeScript module of the benchmark in a process of its own. It ends when its channel is closed. */
export function startHelper<Sent extends object>(script: string, args: readonly string[]): Helper<Sent> {
  const child = fork(script, args, {
    execArgv: ['--conditions=source', '--import=tsx'],
    serialization: 'advanced',
  });
  const exited = remember(child);
  const received: unknown[] = [];
  let waiting: { resolve(message: unknown): void; reject(error: Error): void } | undefined;
  child.on('message', (message) => {
    if (waiting === undefined) received.push(message);
    else waiting.resolve(message);
    waiting = undefined;
  });
  void exited.then((code) => waiting?.reject(new Error(`${path.basename(script)} ended with ${code}`)));
  return {
    send: (message) => {
      child.send(message);
    },
    next: () =>
      received.length > 0
        ? Promise.resolve(received.shift())
        : new Promise((resolve, reject) => {
            waiting = { resolve, reject };
          }),
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
