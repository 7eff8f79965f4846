import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Settles as `work` does, or rejects after `ms`. The work itself is not cancelled; its late failure is ignored. */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(ms)} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** True when `work` settled, either way, within `ms`. Never rejects. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  try {
    await withDeadline(settled, ms);
    return true;
  } catch {
    return false;
  }
}

const LONGEST_RETRY_MS = 2_000;

/** Milliseconds before reconnection attempt number `attempt` (from 1): doubling from 100 ms to 2 s, with jitter. */
export function reconnectDelay(attempt: number): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
