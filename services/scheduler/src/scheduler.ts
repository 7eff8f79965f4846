import type { EventBus, ExecutionQueue } from '@millrace/messaging';
import type { Runtime } from '@millrace/runtime';
import { createLifecycle, type Lifecycle, type Logger } from '@millrace/service-kit';
import { startLoop, type Loop } from './loop.js';
import type { SchedulerMetrics } from './metrics.js';

export interface SchedulerOptions {
  runtime: Runtime;
  queue: ExecutionQueue;
  events: EventBus;
  log: Logger;
  metrics: SchedulerMetrics;
}

const HOUR_MS = 3_600_000;

/**
 * The housekeeper. Every task is a sweep of the runtime that finds what a crash, a lost hint or a lost message left
 * behind; any number of schedulers may run, because each sweep takes what nobody else has taken.
 */
export function createScheduler({ runtime, queue, events, log, metrics }: SchedulerOptions): Lifecycle {
  const { sweeps } = runtime;
  /** Longest sleep between two looks at the timers: how late a wake-up is when the news of it was lost. */
  const timerLookMs = runtime.settings.timerLookSeconds * 1_000;
  let loops: Loop[] = [];
  let unsubscribe: (() => Promise<void>)[] = [];
  let incarnation: string | undefined;
  /** Remembered until every execution was dispatched again, for the news of it comes once. */
  let isLost = false;

  /** A queue that lost its contents has another incarnation: whatever waits is hinted again at once. */
  async function watchIncarnation(): Promise<number> {
    const current = await queue.ensureIncarnation();
    isLost ||= current.fresh || (incarnation !== undefined && incarnation !== current.incarnation);
    incarnation = current.incarnation;
    if (!isLost) return 0;
    const due = await sweeps.redispatchEverything();
    isLost = false;
    if (due > 0)
      log.warn({ executions: due }, 'the queue had lost its contents: every execution is dispatched again');
    return due;
  }

  async function untilNextTimer(): Promise<number> {
    const inMs = await sweeps.nextWakeInMs();
    return inMs === null ? timerLookMs : Math.min(timerLookMs, Math.max(0, inMs));
  }

  function loop(
    name: string,
    everyMs: number,
    task: () => Promise<number>,
    nextMs?: () => Promise<number>,
  ): Loop {
    const started = startLoop({
      everyMs,
      ...(nextMs && { nextMs }),
      async task() {
        const done = await task();
        if (done > 0) metrics.swept.inc({ sweep: name }, done);
        return done;
      },
      onError(error) {
        metrics.failures.inc({ sweep: name });
        log.warn({ err: error, sweep: name }, 'a sweep failed and will be tried again');
      },
    });
    loops.push(started);
    return started;
  }

  return createLifecycle({
    async start() {
      const timers = loop('wake_due', timerLookMs, () => sweeps.wakeDue(), untilNextTimer);
      loop('release_expired', 1_000, () => sweeps.releaseExpired());
      loop('redispatch', 250, () => sweeps.redispatch());
      loop('incarnation', 1_000, watchIncarnation);
      loop('wake_unread', 2_000, () => sweeps.wakeUnread());
      loop('force_cancellations', 2_000, () => sweeps.forceCancellations());
      loop('deliver_outcomes', 2_000, () => sweeps.deliverOutcomes());
      loop('close_waits', 10_000, () => sweeps.closeWaits());
      loop('cancel_orphans', 5_000, () => sweeps.cancelOrphans());
      loop('reencrypt_secrets', 60_000, () => sweeps.reencryptSecrets());
      loop('partitions', HOUR_MS, () => sweeps.createPartitionsAhead());
      loop('expired', 60_000, () => sweeps.deleteExpired());
      loop('webhook_deliveries', 600_000, () => sweeps.trimDeliveries());
      loop('settled_callbacks', HOUR_MS, () => sweeps.deleteSettledCallbacks());
      loop('unused_tests', HOUR_MS, () => sweeps.deleteUnusedTests());
      unsubscribe = [
        await events.subscribeWakeups(() => {
          timers.hurry();
        }),
      ];
    },
    async stop() {
      await Promise.all(unsubscribe.map((end) => end()));
      await Promise.all(loops.map((each) => each.stop()));
      loops = [];
      await runtime.settle();
    },
  });
}
