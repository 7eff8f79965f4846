import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export interface GroupOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** All that it sees. */
  readonly env: NodeJS.ProcessEnv;
}

const HAS_GROUPS = process.platform !== 'win32';
const alive = new Set<ChildProcessWithoutNullStreams>();

/** This process ends in a hurry: nobody waits for anybody. */
function killAll(): void {
  for (const child of alive) signalGroup(child, 'SIGKILL');
}

/**
 * Starts a program as the head of a process group of its own, so that all it starts can be ended with it, and Ctrl-C in
 * the terminal of the worker does not reach it. A kill -9 of this process leaves it to notice that its input ended.
 */
export function startGroup({ command, args, cwd, env }: GroupOptions): ChildProcessWithoutNullStreams {
  const child = spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    env,
    stdio: 'pipe',
    detached: HAS_GROUPS,
    windowsHide: true,
  });
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
  // Helpers that it left behind hold its pipes and would live on.
  child.once('exit', () => {
    signalGroup(child, 'SIGKILL');
    forget(child);
  });
  child.once('error', () => {
    forget(child);
  });
  return child;
}

function forget(child: ChildProcessWithoutNullStreams): void {
  alive.delete(child);
  if (alive.size === 0) process.off('exit', killAll);
}

/** Does nothing where nobody of the group is left. */
export function signalGroup({ pid }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(HAS_GROUPS ? -pid : pid, signal);
  } catch {
    // ESRCH: gone already.
  }
}
