/** Waiting for a condition, the only way tests wait for something that has no signal. */

export interface PollOptions {
  /** Give up after this long; default 10 s. */
  timeoutMs?: number;
  /** Said in the failure, after "waiting for". */
  description?: string;
}

/**
 * Runs `assertion` again and again (10 to 25 ms apart) until it does not throw, and answers with what it returned.
 * When the time is over it throws an error that carries the last failure's words and, as `cause`, the failure itself.
 * An assertion that never settles counts as a failure too.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 10_000, description }: PollOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let tries = 0;
  let last: unknown = new Error('the assertion did not settle');
  for (;;) {
    tries += 1;
    const outcome = await settleBefore(deadline, assertion);
    if (outcome.kind === 'passed') return outcome.value;
    if (outcome.kind === 'threw') last = outcome.error;
    const pause = Math.min(25, 10 + tries);
    if (performance.now() + pause >= deadline) {
      const waited = `after ${timeoutMs} ms and ${tries} tries`;
      const words = last instanceof Error ? last.message : String(last);
      throw new Error(`Gave up ${waited}${description ? ` waiting for ${description}` : ''}: ${words}`, {
        cause: last,
      });
    }
    await pauseFor(pause);
  }
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
