/** Real service processes, and what a test does to them. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/poll.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** `npm test` has just built everything; otherwise the sources are what was edited. */
export const IS_BUILT = process.env['MILLRACE_TEST_RUN'] !== undefined;

export interface ServiceProcess {
  readonly pid: number;
  /** The `message` of every log line so far. */
  readonly messages: string[];
  kill(signal: NodeJS.Signals): void;
  /** Waits until so many lines with this message were logged. */
  said(message: string, times?: number): Promise<void>;
  /** The exit code, null when it was killed. */
  readonly exited: Promise<number | null>;
}

const started = new Set<ChildProcess>();

export function spawnService(
  service: 'gateway' | 'worker' | 'stream' | 'scheduler',
  env: Record<string, string>,
): ServiceProcess {
  const folder = path.join(ROOT, 'services', service);
  const args = IS_BUILT
    ? [path.join(folder, 'dist/main.js')]
    : ['--conditions=source', '--import=tsx', path.join(folder, 'src/main.ts')];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', process.env['TEST_LOG_LEVEL'] ? 'inherit' : 'ignore'],
  });
  started.add(child);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      started.delete(child);
      resolve(code);
    });
  });
  const messages: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (process.env['TEST_LOG_LEVEL']) process.stderr.write(`${line}\n`);
    messages.push(messageOf(line));
  });
  return {
    pid: child.pid ?? 0,
    messages,
    exited,
    kill: (signal) => {
      child.kill(signal);
    },
    said: (message, times = 1) =>
      eventually(
        () => {
          const count = messages.filter((said) => said.startsWith(message)).length;
          if (count < times) throw new Error(`said ${String(count)} times; last: ${messages.at(-1) ?? ''}`);
        },
        { timeoutMs: 40_000, description: `"${message}" of ${service}` },
      ),
  };
}

function messageOf(line: string): string {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not a line of the log.
  }
  return line;
}

/** Ends whatever is left, stopped ones too. */
export async function killAll(): Promise<void> {
  await Promise.all(
    [...started].map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      return gone;
    }),
  );
}
