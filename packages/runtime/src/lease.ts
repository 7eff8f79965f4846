import {
  deregisterWorker,
  registerWorker,
  type WorkerRegistration,
  renewWorker,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

export interface LeaseOptions {
  registration: WorkerRegistration;
  load(): { running: number; draining: boolean };
  /** Executions of this worker with messages nobody read. */
  onUnread(executionIds: readonly string[]): void;
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
  context: Pick<RuntimeContext, 'db' | 'log' | 'settings'>,
  options: LeaseOptions,
): Lease {
  const { db, log, settings } = context;
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
      if (renewal.unread.length > 0) options.onUnread(renewal.unread);
    } catch (error) {
      log.warn({ err: error, worker_id: registration.workerId }, 'could not renew the lease; trying again');
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
