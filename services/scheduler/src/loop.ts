export interface LoopOptions {
  /** Pause after a round that found nothing more to do. */
  everyMs: number;
  /** Asked instead of `everyMs` after such a round. */
  nextMs?: () => Promise<number>;
  /** Does a bounded amount of work and answers how much there was; while there is some, the next round follows at once. */
  task(): Promise<number>;
  onError(error: unknown): void;
}

export interface Loop {
  /** The next round begins now. */
  hurry(): void;
  /** Resolves when the round under way is over. */
  stop(): Promise<void>;
}

/** After a failing round the pause doubles up to this: a database that is away is not hammered. */
const MAX_BACKOFF_MS = 10_000;

/** Repeats a task, one round at a time, until stopped. */
export function startLoop({ everyMs, nextMs, task, onError }: LoopOptions): Loop {
  let isStopped = false;
  let isHurried = false;
  let wake: (() => void) | undefined;
  let failures = 0;

  async function round(): Promise<number> {
    try {
      const done = await task();
      failures = 0;
      if (done > 0) return 0;
      return nextMs === undefined ? everyMs : await nextMs();
    } catch (error) {
      failures += 1;
      // The first failure is told; the same outage is not told again every round.
      if (failures === 1) onError(error);
      return Math.min(MAX_BACKOFF_MS, Math.max(everyMs, 100) * 2 ** Math.min(failures, 10));
    }
  }

  async function pause(ms: number): Promise<void> {
    if (isStopped || isHurried) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = undefined;
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      isHurried = false;
      await pause(await round());
    }
  }

  const running = run();
  return {
    hurry() {
      isHurried = true;
      wake?.();
    },
    async stop() {
      isStopped = true;
      wake?.();
      await running;
    },
  };
}
