/**
 * Loaded into a service with `--import`: tells how much of what keeps its event loop from coming round is its own work. It
 * counts the time that the service's main thread was on a core between two looks; while it waits for one, because other
 * processes have them, no such time passes. Garbage collection by the thread itself is part of it, waiting for helper
 * threads is not. Linux only: elsewhere there are no figures.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** As the service's own metrics look. */
const LOOK_MS = 10;

/** Milliseconds since its start that this thread was on a core. */
function computedMs() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
}

if (isMainThread && process.platform === 'linux') {
  let computed = computedMs();
  /** @type {number[]} */
  let stretches = [];
  setInterval(() => {
    const now = computedMs();
    stretches.push(now - computed);
    computed = now;
  }, LOOK_MS).unref();
  process.on('message', () => {
    process.send?.(stretches);
    stretches = [];
  });
  process.channel?.unref();
}
