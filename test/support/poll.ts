/** Waiting for a condition, the only way tests wait for something that has no signal. */

export interface PollOptions {
  /** Give up after this long; default 10 s. */
  timeoutMs?: number;
  /** Said in the failure, after "waiting for". */
  description?: string;
  /**
   * The time begins anew whenever the assertion fails in other words: for a lot of work, which takes as long as the machine
   * is busy, and whose end is in sight as long as there is any progress.
   */
  whileChanging?: boolean;
}

/**
 * Runs `assertion` again and again (10 to 25 ms apart) until it does not throw, and answers with what it returned.
 * When the time is over it throws an error that carries the last failure's words and, as `cause`, the failure itself.
 * An assertion that never settles counts as a failure too.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 10_000, description, whileChanging = false }: PollOptions = {},
): Promise<T> {
  let deadline = performance.now() + timeoutMs;
  let tries = 0;
  let last: unknown = new Error('the assertion did not settle');
  for (;;) {
    tries += 1;
    const outcome = await settleBefore(deadline, assertion);
    if (outcome.kind === 'passed') return outcome.value;
    if (outcome.kind === 'threw') {
      if (whileChanging && wordsOf(outcome.error) !== wordsOf(last)) deadline = performance.now() + timeoutMs;
      last = outcome.error;
    }
    const pause = Math.min(25, 10 + tries);
    if (performance.now() + pause >= deadline) {
      const waited = `after ${timeoutMs} ms${whileChanging ? ' without a change' : ''} and ${tries} tries`;
      const words = wordsOf(last);
      throw new Error(`Gave up ${waited}${description ? ` waiting for ${description}` : ''}: ${words}`, {
        cause: last,
      });
    }
    await pauseFor(pause);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Outcome<T> = { kind: 'passed'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'unsettled' };

async function settleBefore<T>(deadline: number, assertion: () => T | Promise<T>): Promise<Outcome<T>> {
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<Outcome<T>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'unsettled' }), Math.max(0, deadline - performance.now()));
  });
  const attempt = async (): Promise<Outcome<T>> => {
    try {
      return { kind: 'passed', value: await assertion() };
    } catch (error) {
      return { kind: 'threw', error };
    }
  };
  try {
    return await Promise.race([attempt(), outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
