import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { eventually } from '../../support/poll.js';
import type { Cut, Report } from './cuts.js';

export const victimSettings = z.object({
  databaseUrl: z.string(),
  redis: z.object({ url: z.string(), prefix: z.string() }).optional(),
  /** What its steps may call. */
  allow: z.string(),
  /** It dies with whatever others have left: at the first thing it writes of each. */
  again: z.enum(['lost', 'committed']).optional(),
});
export type VictimSettings = z.infer<typeof victimSettings>;

export interface Victim {
  /** What stands at a cut, by execution. */
  readonly held: ReadonlyMap<string, Cut>;
  /** Where executions are to stand still; resolves when it was understood. */
  cut(cuts: readonly Cut[]): Promise<void>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

const started = new Set<ChildProcess>();

/** Resolves when it takes executions. */
export async function startVictim(settings: VictimSettings): Promise<Victim> {
  const child = fork(fileURLToPath(new URL('victim.ts', import.meta.url)), {
    execArgv: ['--conditions=source', '--import=tsx'],
    env: {
      ...{ PATH: process.env['PATH'] ?? '', VICTIM: JSON.stringify(settings) },
      ...(process.env['TEST_LOG_LEVEL'] !== undefined && { TEST_LOG_LEVEL: process.env['TEST_LOG_LEVEL'] }),
    },
  });
  started.add(child);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      started.delete(child);
      resolve();
    });
  });
  const held = new Map<string, Cut>();
  let ready = 0;
  child.on('message', (report: Report) => {
    if ('ready' in report) ready += 1;
    else held.set(report.held, report.cut);
  });

  const isReady = (times: number): Promise<void> =>
    eventually(
      () => {
        if (child.exitCode !== null) throw new Error('it has exited');
        if (ready < times) throw new Error('it has said nothing yet');
      },
      { timeoutMs: 60_000, description: 'a victim' },
    );

  await isReady(1);
  return {
    held,
    cut(cuts) {
      child.send(cuts);
      return isReady(ready + 1);
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Those that a failed test has left. */
export function killVictims(): void {
  for (const child of started) child.kill('SIGKILL');
}
