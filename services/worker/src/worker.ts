import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { ExecutionHint, ExecutionQueue, EventBus, QueueConsumer } from '@millrace/messaging';
import { failedEvent } from '@millrace/engine';
import type { ClaimAnswer, Lease, Runtime } from '@millrace/runtime';
import { createLifecycle, type Lifecycle, type Logger } from '@millrace/service-kit';
import { ExecutionRun, type RunOptions } from './run/execution-run.js';
import type { WorkerMetrics } from './metrics.js';

export interface WorkerOptions {
  runtime: Runtime;
  queue: ExecutionQueue;
  events: EventBus;
  log: Logger;
  version: string;
  /** Executions at once. */
  concurrency: number;
  /** Share of the drain that running executions get before they are given back. */
  drainMs: number;
  metrics: WorkerMetrics;
  run: Omit<RunOptions, 'workerId' | 'door' | 'limits' | 'log'>;
}

export interface WorkerService extends Lifecycle {
  /** Executions in this worker's hands. */
  running(): number;
  /** False while the lease is lost or not yet taken. */
  isLive(): boolean;
}

/** One registration of this process. A lost lease ends it, and the process registers anew under another id. */
interface Membership {
  readonly workerId: string;
  readonly lease: Lease;
  readonly runs: Map<string, ExecutionRun>;
  unsubscribe: () => Promise<void>;
}

const REJOIN_MS = 1_000;

/** Takes hints, claims executions and runs them, under a lease that fences all of them at once. */
export function createWorker(options: WorkerOptions): WorkerService {
  const { runtime, queue, events, log, metrics } = options;
  const { settings } = runtime;
  let consumer: QueueConsumer | undefined;
  let membership: Membership | undefined;
  let joined: Promise<void> = Promise.resolve();
  let isDraining = false;

  async function join(): Promise<void> {
    const workerId = randomUUID();
    const runs = new Map<string, ExecutionRun>();
    const lease = runtime.worker.createLease({
      registration: {
        workerId,
        host: hostname(),
        pid: process.pid,
        version: options.version,
        slots: options.concurrency,
      },
      load: () => ({ running: runs.size, draining: isDraining }),
      onUnread: (executionIds) => {
        for (const id of executionIds) runs.get(id)?.notify();
      },
      onLost: () => {
        for (const run of runs.values()) run.fence();
        membership = undefined;
        metrics.leasesLost.inc();
        if (!isDraining) joined = rejoin();
      },
    });
    await lease.start();
    const unsubscribe = await events.subscribeControl(workerId, ({ executionId }) => {
      runs.get(executionId)?.notify();
    });
    membership = { workerId, lease, runs, unsubscribe };
    log.info({ worker_id: workerId, slots: options.concurrency }, 'the worker has joined');
  }

  async function rejoin(): Promise<void> {
    while (!isDraining) {
      try {
        await join();
        return;
      } catch (error) {
        log.warn({ err: error }, 'could not join again; trying once more');
        await new Promise((resolve) => setTimeout(resolve, REJOIN_MS));
      }
    }
  }

  async function handle(hint: ExecutionHint): Promise<void> {
    await joined;
    const current = membership;
    if (current === undefined || !current.lease.isHeld) return;
    const answer = await runtime.worker.claim(current.workerId, hint.executionId);
    if (answer.kind === 'refused') return;
    if (answer.kind === 'unusable') await failUnusable(current, answer);
    else await runClaim(current, answer);
  }

  async function runClaim(
    current: Membership,
    { claim }: Extract<ClaimAnswer, { kind: 'claimed' }>,
  ): Promise<void> {
    const { workerId, lease, runs } = current;
    const run = new ExecutionRun(claim, {
      ...options.run,
      workerId,
      door: runtime.worker,
      limits: settings,
      log,
    });
    runs.set(claim.executionId, run);
    metrics.claims.inc({ recovered: String(claim.isRecovered) });
    if (!lease.isHeld) run.fence();
    if (isDraining) run.release();
    const startedAt = performance.now();
    try {
      const end = await run.run();
      metrics.runs.inc({ end });
      metrics.runSeconds.observe((performance.now() - startedAt) / 1_000);
      if (end === 'released') await giveBack(workerId, [claim]);
    } finally {
      runs.delete(claim.executionId);
    }
  }

  async function giveBack(workerId: string, claims: { executionId: string; epoch: number }[]): Promise<void> {
    await runtime.worker.release(workerId, claims).catch((error: unknown) => {
      log.warn({ err: error }, 'could not release executions; the sweep will');
    });
  }

  /** Its version or its log cannot be used by this build: it ends with that reason instead of being tried for ever. */
  async function failUnusable(
    { lease }: Membership,
    { claimed, message }: Extract<ClaimAnswer, { kind: 'unusable' }>,
  ): Promise<void> {
    const error = { code: 'unusable', message, fault: 'platform', retryable: false } as const;
    log.error(
      { execution_id: claimed.executionId, workflow_id: claimed.workflowId, reason: message },
      'unusable',
    );
    const fence = new AbortController();
    if (!lease.isHeld) fence.abort();
    await runtime.worker.append(
      {
        executionId: claimed.executionId,
        workflowId: claimed.workflowId,
        epoch: claimed.epoch,
        seq: claimed.lastSeq,
        events: [failedEvent(error)],
        outcome: { status: 'failed', result: null, error: JSON.stringify(error) },
        inboxSeen: claimed.inboxRead,
        stepsCompleted: 0,
        currentStep: null,
      },
      fence.signal,
    );
  }

  /** New hints stop at once; what runs gets its time, then it is given back to others. */
  async function drain(): Promise<void> {
    isDraining = true;
    const stopping = consumer?.stop(options.drainMs + 1_000);
    const current = membership;
    if (current !== undefined) {
      const giveUp = setTimeout(() => {
        const claims = [...current.runs.values()].map((run) => run.claim);
        for (const run of current.runs.values()) run.fence();
        void giveBack(current.workerId, claims);
      }, options.drainMs);
      for (const run of current.runs.values()) run.release();
      await stopping;
      clearTimeout(giveUp);
      await current.unsubscribe();
      await current.lease.stop();
    }
    await stopping;
    await runtime.settle();
  }

  return {
    ...createLifecycle({
      async start() {
        await join();
        consumer = await queue.consume(handle, { concurrency: options.concurrency });
      },
      stop: drain,
    }),
    running: () => membership?.runs.size ?? 0,
    isLive: () => membership?.lease.isHeld ?? false,
  };
}
