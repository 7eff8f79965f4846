import type { ExecutionHint, ExecutionQueue } from '@millrace/messaging';
import type { RuntimeContext } from './context.js';
import { createOutage } from './outage.js';

/** Depth is asked for at most this often; in between, what this process added is counted on top. */
const DEPTH_MAX_AGE_MS = 250;

export interface Dispatcher {
  /** True while the queue's window has room, as far as this process knows. Never waits. */
  hasRoom(): boolean;
  /** Gives hints without waiting; what fails is left to the sweep. */
  dispatch(hints: readonly ExecutionHint[]): void;
  /** Gives hints and waits. Rejects when the queue is down. */
  dispatchNow(hints: readonly ExecutionHint[]): Promise<void>;
  /** Free places in the window, asked for now. 0 when the queue is down. */
  room(): Promise<number>;
  /** Resolves when nothing given to `dispatch` is under way. */
  idle(): Promise<void>;
}

/** Puts hints into the queue, keeping it within a bounded window so that its memory is bounded too. */
export function createDispatcher(
  context: {
    queue: Pick<ExecutionQueue, 'depth' | 'dispatch'>;
  } & Pick<RuntimeContext, 'log' | 'settings'>,
): Dispatcher {
  const { queue, log, settings } = context;
  const underWay = new Set<Promise<void>>();
  let waiting = 0;
  let measuredAt = -Infinity;
  let measuring: Promise<boolean> | undefined;
  const outage = createOutage(log, {
    failed: 'the queue is not reachable: executions stay queued in Postgres until it is back',
    recovered: 'the queue is reachable again',
  });

  /** False when the queue did not answer. */
  function measure(): Promise<boolean> {
    measuring ??= queue
      .depth()
      .then(
        (depth) => {
          waiting = depth.waiting;
          outage.recovered();
          return true;
        },
        (error: unknown) => {
          outage.failed(error);
          return false;
        },
      )
      .finally(() => {
        measuredAt = performance.now();
        measuring = undefined;
      });
    return measuring;
  }

  async function dispatchNow(hints: readonly ExecutionHint[]): Promise<void> {
    if (hints.length === 0) return;
    waiting += hints.length;
    await queue.dispatch(hints);
    outage.recovered();
  }

  return {
    hasRoom() {
      if (performance.now() - measuredAt > DEPTH_MAX_AGE_MS) void measure();
      return waiting < settings.windowSize;
    },
    dispatch(hints) {
      const attempt = dispatchNow(hints)
        .catch((error: unknown) => {
          outage.failed(error);
        })
        .finally(() => underWay.delete(attempt));
      underWay.add(attempt);
    },
    dispatchNow,
    async room() {
      return (await measure()) ? Math.max(0, settings.windowSize - waiting) : 0;
    },
    async idle() {
      await Promise.allSettled([...underWay]);
    },
  };
}
