import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { EventBus } from '@millrace/messaging';
import type { HeldExecution, Lease, Runtime } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import type { ExecutionRun } from './run/execution-run.js';

/** One registration of this process. A lost lease ends it, and the process registers anew under another id. */
export interface Membership {
  readonly workerId: string;
  readonly lease: Lease;
  readonly runs: Map<string, ExecutionRun>;
  /** Claims that were asked for and not answered. */
  readonly claiming: Set<string>;
}

export interface MembershipOptions {
  runtime: Runtime;
  events: EventBus;
  log: Logger;
  version: string;
  slots: number;
  onLost(): void;
}

export interface MembershipKeeper {
  /** Registers. Rejects when Postgres is away; later, after a lost lease, that is waited for. */
  join(): Promise<void>;
  /** The one whose lease is held; undefined in between. */
  current(): Membership | undefined;
  /** Waits for one whose lease is held; undefined once `leave` or `retire` was called. */
  held(): Promise<Membership | undefined>;
  /** No new registration from here on; the present one goes on. */
  retire(): void;
  /** Ends the registration. What it still has is released by a sweep. */
  leave(): Promise<void>;
}

const REJOIN_MS = 1_000;
/** Between the lease's end by the clock and the timer that says so. */
const LOSING_MS = 20;

export function createMembership(options: MembershipOptions): MembershipKeeper {
  const { runtime, events, log } = options;
  const retired = new AbortController();
  let present: (Membership & { unsubscribe: () => Promise<void> }) | undefined;
  let rejoining: Promise<void> = Promise.resolve();

  async function join(): Promise<void> {
    const workerId = randomUUID();
    const runs = new Map<string, ExecutionRun>();
    const claiming = new Set<string>();
    const reconcile = createReconciler({ runs, claiming }, (orphans) => {
      log.warn(
        { worker_id: workerId, executions: orphans.length },
        'gives back what it has and does not run',
      );
      runtime.worker.release(workerId, orphans).catch((error: unknown) => {
        log.debug(
          { err: error, worker_id: workerId },
          'could not give back; the next renewal finds it again',
        );
      });
    });
    const lease = runtime.worker.createLease({
      registration: {
        workerId,
        host: hostname(),
        pid: process.pid,
        version: options.version,
        slots: options.slots,
      },
      load() {
        reconcile.sent();
        return { running: runs.size, draining: retired.signal.aborted };
      },
      onRenewed: (executions) => {
        reconcile.answered(executions);
      },
      onLost() {
        for (const run of runs.values()) run.fence();
        present = undefined;
        unsubscribe().catch(() => undefined);
        options.onLost();
        rejoining = rejoin();
      },
    });
    const unsubscribe = await events.subscribeControl(workerId, ({ executionId }) => {
      runs.get(executionId)?.notify();
    });
    try {
      await lease.start();
    } catch (error) {
      await unsubscribe();
      throw error;
    }
    present = { workerId, lease, runs, claiming, unsubscribe };
    log.info({ worker_id: workerId, slots: options.slots }, 'the worker has joined');
  }

  async function rejoin(): Promise<void> {
    for (let failures = 0; !retired.signal.aborted; failures += 1) {
      try {
        await join();
        return;
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'could not join again; trying until it works');
        await setTimeout(REJOIN_MS, undefined, { signal: retired.signal }).catch(() => undefined);
      }
    }
  }

  function current(): Membership | undefined {
    return present?.lease.isHeld === true ? present : undefined;
  }

  return {
    join,
    current,
    async held() {
      while (!retired.signal.aborted) {
        const membership = current();
        if (membership !== undefined) return membership;
        await rejoining;
        if (current() === undefined) await setTimeout(LOSING_MS);
      }
      return undefined;
    },
    retire() {
      retired.abort();
    },
    async leave() {
      retired.abort();
      await rejoining;
      const leaving = present;
      present = undefined;
      await leaving?.unsubscribe();
      await leaving?.lease.stop();
    },
  };
}

/**
 * Compares what the database says this worker has with what it runs, at each renewal. A claim whose answer was lost is
 * in the database only: no other worker may take it, so it has to be given back. A run that is not in the database any
 * more was taken away (cancelled by force): it has to stop. Both are believed only when they were so before the renewal
 * was sent and still are.
 */
function createReconciler(
  { runs, claiming }: Pick<Membership, 'runs' | 'claiming'>,
  giveBack: (orphans: { executionId: string; epoch: number }[]) => void,
): { sent(): void; answered(executions: readonly HeldExecution[]): void } {
  let ranWhenSent = new Set<ExecutionRun>();
  let suspects = new Map<string, number>();
  return {
    sent() {
      ranWhenSent = new Set(runs.values());
    },
    answered(executions) {
      const unknown = new Map<string, number>();
      const orphans: { executionId: string; epoch: number }[] = [];
      for (const { executionId, epoch, hasUnread } of executions) {
        const run = runs.get(executionId);
        if (run?.claim.epoch === epoch) {
          ranWhenSent.delete(run);
          if (hasUnread) run.notify();
        } else if (!claiming.has(executionId)) {
          if (suspects.get(executionId) === epoch) orphans.push({ executionId, epoch });
          else unknown.set(executionId, epoch);
        }
      }
      suspects = unknown;
      for (const run of ranWhenSent) run.fence();
      if (orphans.length > 0) giveBack(orphans);
    },
  };
}
