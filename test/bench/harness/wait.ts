import { setTimeout } from 'node:timers/promises';

/** Polls until `condition` holds; throws after `timeoutMs`, for a benchmark that hangs measures nothing. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 120_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() >= deadline) throw new Error(`gave up waiting for ${what} after ${timeoutMs} ms`);
    await setTimeout(everyMs);
  }
}
