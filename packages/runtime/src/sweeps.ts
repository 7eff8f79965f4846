import {
  countRunnable,
  createPartitionsAhead,
  deleteExpired,
  deleteSettledCallbacks,
  deleteUnusedTests,
  nextWakeInMs,
  overdueCancellations,
  redispatchEverything,
  releaseExpired,
  type Runnable,
  SWEEP_BATCH,
  takeRedispatchable,
  trimDeliveries,
  undoRedispatch,
  wakeDue,
  wakeUnread,
} from '@millrace/persistence';
import type { Canceller } from './cancel.js';
import type { Children } from './children.js';
import type { RuntimeContext } from './context.js';
import { createReencryption } from './reencrypt.js';
import type { Dispatcher } from './dispatch.js';
import type { Outcomes } from './outcomes.js';
import type { Waits } from './waits.js';

/**
 * What keeps the promise that nothing is stuck. Every sweep is harmless when two run at once and does a bounded amount
 * of work; it returns how much, so that the caller goes on at once while there is more.
 */
export interface Sweeps {
  /** Executions of dead workers become runnable. */
  releaseExpired(): Promise<number>;
  /** Executions whose timer is due wake. */
  wakeDue(): Promise<number>;
  /** Sleeping executions with unread messages wake. */
  wakeUnread(): Promise<number>;
  /** Fills the queue's window and repeats lost hints. */
  redispatch(): Promise<number>;
  /** After the queue lost its contents. */
  redispatchEverything(): Promise<number>;
  /** Ends what a worker was asked to cancel and did not. */
  forceCancellations(): Promise<number>;
  /** Tells parents of children whose end they have not heard of. */
  deliverOutcomes(): Promise<number>;
  /** Asks children to end whose parent has ended. */
  cancelOrphans(): Promise<number>;
  /** Secrets under an old key come under the current one. */
  reencryptSecrets(): Promise<number>;
  /** Closes approvals of executions that have ended. */
  closeWaits(): Promise<number>;
  createPartitionsAhead(): Promise<number>;
  deleteExpired(): Promise<number>;
  /** Old deliveries to webhooks, and of busy ones all but the newest. */
  trimDeliveries(): Promise<number>;
  /** Callbacks that were delivered, skipped or given up long ago. */
  deleteSettledCallbacks(): Promise<number>;
  /** Versions of tested drafts whose executions are gone. */
  deleteUnusedTests(): Promise<number>;
  /** Until the nearest timer, by the database's clock; null when none is set. */
  nextWakeInMs(): Promise<number | null>;
  /** What autoscaling must see. */
  countRunnable(): Promise<{ runnable: number; oldestSeconds: number }>;
}

const PARTITION_DAYS_AHEAD = 21;

export function createSweeps(
  context: RuntimeContext,
  parts: {
    dispatcher: Dispatcher;
    canceller: Canceller;
    outcomes: Outcomes;
    children: Children;
    waits: Waits;
  },
): Sweeps {
  const { db, settings, crash, log } = context;
  const { dispatcher, canceller, outcomes, children, waits } = parts;

  function hint(runnable: readonly Runnable[]): number {
    if (runnable.length > 0) crash('release_committed_not_dispatched');
    if (runnable.length > 0) dispatcher.dispatch(runnable);
    return runnable.length;
  }

  return {
    async releaseExpired() {
      const released = await releaseExpired(db, settings.redispatchSeconds);
      if (released.length > 0)
        log.warn({ executions: released.length }, 'released executions of expired workers');
      return hint(released);
    },
    wakeDue: async () => hint(await wakeDue(db, settings.redispatchSeconds)),
    wakeUnread: async () => hint(await wakeUnread(db, settings.redispatchSeconds)),
    async redispatch() {
      const room = await dispatcher.room();
      if (room === 0) return 0;
      // More than fits when there is little room: repeats that the queue still holds take no place.
      const due = await takeRedispatchable(db, Math.max(room, SWEEP_BATCH), settings.redispatchAgainSeconds);
      try {
        await dispatcher.dispatchNow(due);
      } catch (error) {
        await undoRedispatch(db, due);
        throw error;
      }
      return due.length;
    },
    redispatchEverything: () => redispatchEverything(db),
    async forceCancellations() {
      const overdue = await overdueCancellations(db, settings.cancelGraceSeconds);
      for (const executionId of overdue) {
        await canceller.force(executionId);
      }
      return overdue.length;
    },
    deliverOutcomes: () => outcomes.deliverOverdue(),
    cancelOrphans: () => children.cancelOrphans(),
    reencryptSecrets: createReencryption(context),
    closeWaits: () => waits.closeAbandoned(),
    createPartitionsAhead: () => createPartitionsAhead(db, PARTITION_DAYS_AHEAD),
    deleteExpired: () => deleteExpired(db),
    trimDeliveries: () => trimDeliveries(db),
    deleteSettledCallbacks: () => deleteSettledCallbacks(db),
    deleteUnusedTests: () => deleteUnusedTests(db),
    nextWakeInMs: () => nextWakeInMs(db),
    countRunnable: () => countRunnable(db),
  };
}
