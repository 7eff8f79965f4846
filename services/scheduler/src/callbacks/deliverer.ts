import {
  claimCallbacks,
  type ClaimedCallback,
  nextCallbackInMs,
  type Queryable,
  settleCallback,
} from '@millrace/persistence';
import { createLifecycle, type Lifecycle, type Logger } from '@millrace/service-kit';
import { startLoop, type Loop } from '../loop.js';
import { type AttemptOptions, createAttempt } from './attempt.js';
import type { CallbackMetrics } from './metrics.js';

export interface DelivererOptions extends AttemptOptions {
  /** Calls at once, of this process. */
  concurrency: number;
  log: Logger;
  metrics: CallbackMetrics;
}

/** How late the end of an execution is noticed at most. */
const LOOK_MS = 500;
const CROWDED_LOOK_MS = 50;
/** Calls at once to one receiver: one that hangs takes no more places than these. */
const PER_HOST = 4;
/** Beyond the time of a call, for reading, signing and writing what came of it. */
const LEASE_MARGIN_SECONDS = 30;

/**
 * Tells receivers of the ends of executions. Any number of schedulers may run: each takes what nobody else has taken,
 * and what a dead one had taken is taken again, so a receiver may hear of the same end twice.
 */
export function createCallbackDeliverer(options: DelivererOptions): Lifecycle {
  const { concurrency, log, metrics, timeoutMs } = options;
  const db: Queryable = options.db;
  const attempt = createAttempt(options);
  const underWay = new Map<ClaimedCallback, Promise<void>>();
  let stopping = new AbortController();
  let loop: Loop | undefined;

  function busyHosts(): Record<string, number> {
    const busy: Record<string, number> = {};
    for (const { target } of underWay.keys()) busy[target.host] = (busy[target.host] ?? 0) + 1;
    return busy;
  }

  async function deliver(callback: ClaimedCallback): Promise<void> {
    const began = performance.now();
    const { executionId } = callback;
    try {
      const result = await attempt(callback, stopping.signal);
      const isNewest = await settleCallback(db, callback, result);
      metrics.attempts.inc({ outcome: isNewest ? outcomeOf(result.state) : 'superseded' });
      const details = { execution_id: executionId, attempt: callback.attempt, status: result.status };
      if (result.state === 'failed') {
        log.warn({ ...details, reason: result.error }, 'a callback was given up');
      }
    } catch (error) {
      // The lease ends by itself, and with it comes another attempt.
      metrics.attempts.inc({ outcome: 'lost' });
      log.warn({ err: error, execution_id: executionId }, 'what came of a callback could not be written');
    } finally {
      metrics.duration.observe({}, (performance.now() - began) / 1_000);
    }
  }

  async function round(): Promise<number> {
    const room = concurrency - underWay.size;
    if (room <= 0) return 0;
    const claimed = await claimCallbacks(db, {
      limit: room,
      perHost: PER_HOST,
      busy: busyHosts(),
      leaseSeconds: timeoutMs / 1_000 + LEASE_MARGIN_SECONDS,
    });
    for (const callback of claimed) {
      const delivery = deliver(callback).finally(() => {
        underWay.delete(callback);
        loop?.hurry();
      });
      underWay.set(callback, delivery);
    }
    return claimed.length;
  }

  async function untilNext(): Promise<number> {
    const inMs = await nextCallbackInMs(db);
    if (inMs === null) return LOOK_MS;
    // What is due and was not taken became due just now, or waits for a place at its host.
    return Math.min(LOOK_MS, Math.max(CROWDED_LOOK_MS, inMs));
  }

  metrics.watch(() => underWay.size);
  return createLifecycle({
    async start() {
      stopping = new AbortController();
      loop = startLoop({
        everyMs: LOOK_MS,
        nextMs: untilNext,
        task: round,
        onError(error) {
          log.warn({ err: error }, 'callbacks cannot be taken and will be tried again');
        },
      });
    },
    async stop() {
      await loop?.stop();
      stopping.abort();
      await Promise.all(underWay.values());
    },
  });
}

function outcomeOf(state: 'pending' | 'delivered' | 'failed' | 'skipped'): string {
  return state === 'pending' ? 'retry' : state;
}
