import {
  deregisterWorker,
  type HeldExecution,
  registerWorker,
  type WorkerRegistration,
  renewWorker,
  type Queryable,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

export interface LeaseOptions {
  registration: WorkerRegistration;
  /** Asked at the moment a renewal is sent. */
  load(): { running: number; draining: boolean };
  /** Everything that belongs to this worker, as the database saw it when it answered a renewal. */
  onRenewed(executions: readonly HeldExecution[]): void;
  /** The lease is lost: abort every step and write nothing more. Called once. */
  onLost(): void;
}

export interface Lease {
  /** Registers the worker and begins to renew. Rejects when Postgres is away. */
  start(): Promise<void>;
  /** Ends renewing and removes the worker. */
  stop(): Promise<void>;
  readonly isHeld: boolean;
}

/**
 * A worker's lease covers all its executions. It is counted by this process's monotonic clock from the moment the
 * renewal was *sent*: whatever the database granted later than that, we give up earlier than it does.
 */
export function createLease(
  context: Pick<RuntimeContext, 'log' | 'settings' | 'databaseOutage'> & { db: Queryable },
  options: LeaseOptions,
): Lease {
  const { db, log, settings, databaseOutage } = context;
  const { registration } = options;
  const leaseMs = settings.leaseSeconds * 1_000;
  let heldUntil = 0;
  let state: 'new' | 'held' | 'lost' | 'stopped' = 'new';
  let renewTimer: NodeJS.Timeout | undefined;
  let fenceTimer: NodeJS.Timeout | undefined;

  function lose(): void {
    if (state !== 'held') return;
    state = 'lost';
    clearTimeout(renewTimer);
    clearTimeout(fenceTimer);
    log.error({ worker_id: registration.workerId }, 'the lease is lost: this worker stops its executions');
    options.onLost();
  }

  function hold(sentAt: number): void {
    heldUntil = sentAt + leaseMs;
    clearTimeout(fenceTimer);
    fenceTimer = setTimeout(lose, Math.max(0, heldUntil - performance.now()));
  }

  async function renew(): Promise<void> {
    const sentAt = performance.now();
    try {
      const renewal = await renewWorker(db, registration.workerId, options.load(), settings.leaseSeconds);
      if (state !== 'held') return;
      if (!renewal.held) {
        lose();
        return;
      }
      hold(sentAt);
      databaseOutage.recovered();
      options.onRenewed(renewal.executions);
    } catch (error) {
      databaseOutage.failed(error);
    }
    scheduleRenewal();
  }

  function scheduleRenewal(): void {
    if (state !== 'held') return;
    renewTimer = setTimeout(() => void renew(), leaseMs / 3);
  }

  return {
    get isHeld() {
      return state === 'held' && performance.now() < heldUntil;
    },
    async start() {
      const sentAt = performance.now();
      await registerWorker(db, registration, settings.leaseSeconds);
      state = 'held';
      hold(sentAt);
      scheduleRenewal();
    },
    async stop() {
      clearTimeout(renewTimer);
      clearTimeout(fenceTimer);
      if (state === 'new' || state === 'stopped') return;
      state = 'stopped';
      await deregisterWorker(db, registration.workerId).catch((error: unknown) => {
        log.warn(
          { err: error, worker_id: registration.workerId },
          'could not deregister; the lease will expire',
        );
      });
    },
  };
}
