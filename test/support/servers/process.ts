/** Servers of the tests are processes of their own: what is tested meets real sockets, real exits and real silence. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServerProcess {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly origin: string;
  readonly process: ChildProcess;
  /** Ends it at once. Twice is once. */
  stop(): Promise<void>;
}

/** How a TypeScript file is run without a build, wherever the current folder is. */
export const TYPESCRIPT_ARGUMENTS = ['--conditions=source', `--import=${import.meta.resolve('tsx')}`];

interface Ready {
  port: number;
}

const isReady = (message: unknown): message is Ready =>
  typeof message === 'object' && message !== null && 'port' in message && typeof message.port === 'number';

/** Starts a script of this folder that calls {@link announce}. It ends with this process. */
export async function startServerProcess(
  script: string,
  options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), options.args ?? [], {
    execArgv: TYPESCRIPT_ARGUMENTS,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => {
      if (isReady(message)) resolve(message.port);
      else reject(new Error(`${script} announced no port`));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`${script} ended with ${signal ?? String(code)} before it was ready`));
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** In the server's process: tells the parent where it listens, and ends when the parent is gone. */
export function announce(port: number): void {
  process.once('disconnect', () => {
    process.exit(0);
  });
  process.send?.({ port } satisfies Ready);
}
