import { setTimeout } from 'node:timers/promises';
import { isDataError } from '@millrace/persistence';
import type { Outage } from './outage.js';

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

/** The pause before another try, after so many that failed; over at once when `signal` fires. */
export async function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

/**
 * Repeats what may be repeated until the database is there, so that its restart fails no execution. Rejects with a data
 * error, which no repetition mends, and with the last error once `signal` has fired.
 */
export async function persistently<T>(
  outage: Outage,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      const result = await work();
      outage.recovered();
      return result;
    } catch (error) {
      if (isDataError(error) || signal.aborted) throw error;
      outage.failed(error);
      await pauseAfter(failures, signal);
    }
  }
}
