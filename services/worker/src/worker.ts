import { setTimeout as pause } from 'node:timers/promises';
import { failedEvent } from '@millrace/engine';
import type { EventBus, ExecutionHint, ExecutionQueue, QueueConsumer } from '@millrace/messaging';
import type { ClaimAnswer, Runtime } from '@millrace/runtime';
import { createLifecycle, type Lifecycle, type Logger } from '@millrace/service-kit';
import { createMembership, type Membership } from './membership.js';
import type { WorkerMetrics } from './metrics.js';
import { ExecutionRun, type RunOptions } from './run/execution-run.js';

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
  run: Omit<RunOptions, 'workerId' | 'door' | 'limits' | 'log' | 'isLeaseHeld'>;
}

export interface WorkerService extends Lifecycle {
  /** Executions in this worker's hands. */
  running(): number;
  /** False while the lease is lost or not yet taken. */
  isLive(): boolean;
}

const MAX_CLAIM_PAUSE_MS = 1_000;
/** What handlers get after the drain's end to notice that their executions were given back. */
const LETTING_GO_MS = 1_000;

/** Takes hints, claims executions and runs them, under a lease that fences all of them at once. */
export function createWorker(options: WorkerOptions): WorkerService {
  const { runtime, queue, events, log, metrics } = options;
  const members = createMembership({
    ...{ runtime, events, log, version: options.version, slots: options.concurrency },
    onLost() {
      metrics.leasesLost.inc();
    },
  });
  let consumer: QueueConsumer | undefined;
  let isDraining = false;
  let isClaimFailing = false;

  /** Keeps the hint while Postgres is away or the lease is lost: given up, it would come back after ten seconds only. */
  async function handle(hint: ExecutionHint): Promise<void> {
    for (let pauseMs = 50; ; pauseMs = Math.min(MAX_CLAIM_PAUSE_MS, pauseMs * 2)) {
      const current = members.current() ?? (await members.held());
      if (current === undefined) return;
      const answer = await claim(current, hint.executionId);
      if (answer === undefined) {
        if (isDraining) return;
        await pause(pauseMs);
        continue;
      }
      if (answer.kind === 'claimed') await runClaim(current, answer.claim);
      else if (answer.kind === 'unusable') await failUnusable(current, answer);
      return;
    }
  }

  /** Undefined when Postgres did not answer. */
  async function claim(current: Membership, executionId: string): Promise<ClaimAnswer | undefined> {
    current.claiming.add(executionId);
    try {
      const answer = await runtime.worker.claim(current.workerId, executionId);
      isClaimFailing = false;
      return answer;
    } catch (error) {
      if (!isClaimFailing)
        log.warn({ err: error, execution_id: executionId }, 'could not claim; trying again');
      isClaimFailing = true;
      return undefined;
    } finally {
      current.claiming.delete(executionId);
    }
  }

  async function runClaim(
    { workerId, lease, runs }: Membership,
    claimed: Extract<ClaimAnswer, { kind: 'claimed' }>['claim'],
  ): Promise<void> {
    const { executionId } = claimed;
    const run = new ExecutionRun(claimed, {
      ...options.run,
      workerId,
      isLeaseHeld: () => lease.isHeld,
      door: runtime.worker,
      limits: runtime.settings,
      log,
    });
    runs.set(executionId, run);
    metrics.claims.inc({ recovered: String(claimed.isRecovered) });
    if (!lease.isHeld) run.fence();
    if (isDraining) run.release();
    const startedAt = performance.now();
    try {
      const end = await run.run();
      metrics.runs.inc({ end });
      metrics.runSeconds.observe((performance.now() - startedAt) / 1_000);
      if (end === 'released') await giveBack(workerId, [claimed]);
    } finally {
      // It may have slept, woken and been claimed here again before this line.
      if (runs.get(executionId) === run) runs.delete(executionId);
    }
  }

  async function giveBack(workerId: string, claims: { executionId: string; epoch: number }[]): Promise<void> {
    await runtime.worker.release(workerId, claims).catch((error: unknown) => {
      log.warn({ err: error, executions: claims.length }, 'could not release executions; the sweep will');
    });
  }

  /** Its version or its log cannot be used by this build: it ends with that reason instead of being tried for ever. */
  async function failUnusable(
    { lease }: Membership,
    { claimed, message }: Extract<ClaimAnswer, { kind: 'unusable' }>,
  ): Promise<void> {
    const { executionId, workflowId, epoch, lastSeq, inboxRead } = claimed;
    const error = { code: 'unusable', message, fault: 'platform', retryable: false } as const;
    log.error({ execution_id: executionId, workflow_id: workflowId, reason: message }, 'unusable');
    const fence = new AbortController();
    // The lease bounds how long a database that is away is waited for.
    const watch = setInterval(() => {
      if (!lease.isHeld || isDraining) fence.abort();
    }, MAX_CLAIM_PAUSE_MS);
    await runtime.worker.append(
      {
        ...{ executionId, workflowId, epoch, seq: lastSeq, inboxSeen: inboxRead },
        events: [failedEvent(error)],
        outcome: { status: 'failed', result: null, error: JSON.stringify(error) },
        stepsCompleted: 0,
        currentStep: null,
      },
      fence.signal,
    );
    clearInterval(watch);
  }

  /** New hints stop at once; what runs gets its time, then it is given back to others. */
  async function drain(): Promise<void> {
    isDraining = true;
    members.retire();
    const current = members.current();
    let givenBack: Promise<void> | undefined;
    const giveUp = setTimeout(() => {
      if (current !== undefined) givenBack = letGo(current);
    }, options.drainMs);
    for (const run of current?.runs.values() ?? []) run.release();
    await consumer?.stop(options.drainMs + LETTING_GO_MS);
    clearTimeout(giveUp);
    await givenBack;
    await members.leave();
    await runtime.settle();
  }

  /** Steps are aborted where they stand; whoever claims next treats them as it would after a crash. */
  async function letGo({ workerId, runs }: Membership): Promise<void> {
    const claims = [...runs.values()].map((run) => run.claim);
    for (const run of runs.values()) run.fence();
    if (claims.length > 0) await giveBack(workerId, claims);
  }

  return {
    ...createLifecycle({
      async start() {
        await members.join();
        consumer = await queue.consume(handle, { concurrency: options.concurrency });
      },
      stop: drain,
    }),
    running: () => members.current()?.runs.size ?? 0,
    isLive: () => members.current() !== undefined,
  };
}
