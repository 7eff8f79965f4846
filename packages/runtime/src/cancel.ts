import { setTimeout } from 'node:timers/promises';
import { type EventData, type ExecutionStatus, isJsonObject, isTerminal } from '@millrace/contracts';
import {
  type FencedPosition,
  fenceExecution,
  readEvents,
  readHeads,
  readSignals,
  terminateExecution,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { FollowUps } from './follow-up.js';
import { toCommittedRange } from './frames.js';
import type { Publisher } from './publish.js';
import type { Signaller } from './signal.js';
import { UncertainSteps } from './uncertain-steps.js';

export interface CancelRequest {
  executionId: string;
  /** Without an id it is the platform itself. */
  by: { id: string | null; username: string };
  reason?: string;
  /** How long to wait for a worker to end it. */
  waitMs: number;
}

export interface CancelAnswer {
  status: ExecutionStatus;
  terminal: boolean;
}

export interface Canceller {
  /** Undefined when there is no such execution. Cancelling a finished one answers what it is. */
  cancel(request: CancelRequest): Promise<CancelAnswer | undefined>;
  /**
   * Ends an execution that was asked to cancel and whose worker did not obey: fences the worker, then records which
   * started steps have an unknown outcome.
   */
  force(executionId: string): Promise<void>;
}

const POLL_MS = 25;
/** While waiting for the worker, so often is looked whether it still has a lease. */
const LOOK_FOR_LEASE_MS = 500;
const FORCED = 'its worker did not end it within the grace';
const LOG_PAGE = 1_000;

export function createCanceller(
  context: RuntimeContext,
  publisher: Publisher,
  signaller: Signaller,
  followUps: Pick<FollowUps, 'ended'>,
): Canceller {
  const { db, crash } = context;

  async function readUncertainSteps(executionId: string): Promise<string[]> {
    const uncertain = new UncertainSteps();
    let afterSeq = 0;
    for (;;) {
      const page = await readEvents(db, executionId, afterSeq, LOG_PAGE);
      for (const event of page) uncertain.note(event);
      const last = page.at(-1);
      if (last === undefined || page.length < LOG_PAGE) return uncertain.ids();
      afterSeq = last.seq;
    }
  }

  /** From a position that only we can move: the epoch was raised. Another canceller may have raised it again. */
  async function end(
    executionId: string,
    fenced: FencedPosition,
    { by, reason }: { by: string; reason: string | undefined },
  ): Promise<void> {
    crash('fence_committed_not_ended');
    const data: EventData<'cancelled'> = {
      by,
      ...(reason !== undefined && { reason }),
      uncertain_steps: await readUncertainSteps(executionId),
    };
    const event = { type: 'cancelled', data: JSON.stringify(data) } as const;
    const ended = await terminateExecution(db, {
      executionId,
      epoch: fenced.epoch,
      seq: fenced.lastSeq,
      status: 'cancelled',
      event,
      error: null,
    });
    // Fenced once more by another canceller, or claimed by a worker: it is theirs to end.
    if (ended === undefined) return;
    const { workflowId } = fenced;
    publisher.publish([
      toCommittedRange({
        executionId,
        workflowId,
        fromSeq: fenced.lastSeq + 1,
        at: ended.at,
        events: [event],
      }),
    ]);
    if (ended.followUp) followUps.ended([executionId]);
  }

  async function head(executionId: string): Promise<ExecutionStatus | undefined> {
    return (await readHeads(db, [executionId]))[0]?.status;
  }

  /** When no worker has it (queued, waiting, or its worker's lease ran out) it can be ended here and now. */
  async function endAbandoned(
    executionId: string,
    cause: { by: string; reason: string | undefined },
  ): Promise<void> {
    const fenced = await fenceExecution(db, executionId, { onlyAbandoned: true });
    if (fenced !== undefined) await end(executionId, fenced, cause);
  }

  async function causeOf(executionId: string): Promise<{ by: string; reason: string }> {
    const signals = await readSignals(db, executionId, 0);
    const payload = signals.find((signal) => signal.kind === 'cancel')?.payload;
    const { by, reason } = isJsonObject(payload) ? payload : {};
    return {
      by: typeof by === 'string' ? by : 'system',
      reason: typeof reason === 'string' ? reason : FORCED,
    };
  }

  return {
    async force(executionId) {
      const cause = await causeOf(executionId);
      const fenced = await fenceExecution(db, executionId, { onlyAbandoned: false });
      if (fenced !== undefined) await end(executionId, fenced, cause);
    },
    async cancel({ executionId, by, reason, waitMs }) {
      let status = await head(executionId);
      if (status === undefined) return undefined;
      if (isTerminal(status)) return { status, terminal: true };
      const cause = { by: by.username, reason };
      await endAbandoned(executionId, cause);
      status = (await head(executionId)) ?? status;
      if (isTerminal(status)) return { status, terminal: true };
      const payload = { by: by.username, ...(reason !== undefined && { reason }) };
      await signaller.signal(executionId, { kind: 'cancel', payload, sentBy: by.id });
      const deadline = performance.now() + waitMs;
      let lookAt = performance.now() + LOOK_FOR_LEASE_MS;
      for (;;) {
        status = (await head(executionId)) ?? status;
        if (isTerminal(status)) return { status, terminal: true };
        if (performance.now() >= deadline) return { status, terminal: false };
        await setTimeout(POLL_MS);
        if (performance.now() < lookAt) continue;
        lookAt = performance.now() + LOOK_FOR_LEASE_MS;
        await endAbandoned(executionId, cause);
      }
    },
  };
}
