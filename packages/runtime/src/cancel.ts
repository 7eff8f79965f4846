import { setTimeout } from 'node:timers/promises';
import {
  descriptorOf,
  type EventData,
  type ExecutionStatus,
  isStepKind,
  isTerminal,
} from '@millrace/contracts';
import {
  fenceExecution,
  readEvents,
  readHeads,
  type StoredEvent,
  terminateExecution,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import { toCommittedRange } from './frames.js';
import type { Publisher } from './publish.js';
import type { Signaller } from './signal.js';

export interface CancelRequest {
  executionId: string;
  by: { id: string; username: string };
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
  /** Ends an execution whose worker did not: fences it, then records which started steps have an unknown outcome. */
  force(executionId: string, by: string, reason: string): Promise<void>;
}

const POLL_MS = 25;
const LOG_PAGE = 1_000;

/** Effectful steps that started and left no result: nobody knows whether their effect happened. */
export function uncertainSteps(events: readonly StoredEvent[]): string[] {
  const open = new Set<string>();
  for (const { type, data } of events) {
    const stepId = data['step_id'];
    if (typeof stepId !== 'string') continue;
    const kind = data['kind'];
    if (type === 'step_started') {
      const sleeping = data['due_at'] !== undefined;
      if (
        typeof kind === 'string' &&
        isStepKind(kind) &&
        descriptorOf(kind).purity === 'effectful' &&
        !sleeping
      ) {
        open.add(stepId);
      }
    } else {
      open.delete(stepId);
    }
  }
  return [...open];
}

export function createCanceller(
  context: RuntimeContext,
  publisher: Publisher,
  signaller: Signaller,
): Canceller {
  const { db } = context;

  async function readWholeLog(executionId: string): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await readEvents(db, executionId, events.at(-1)?.seq ?? 0, LOG_PAGE);
      events.push(...page);
      if (page.length < LOG_PAGE) return events;
    }
  }

  async function force(executionId: string, by: string, reason?: string): Promise<void> {
    const fenced = await fenceExecution(db, executionId);
    if (fenced === undefined) return;
    const data: EventData<'cancelled'> = {
      by,
      ...(reason !== undefined && { reason }),
      uncertain_steps: uncertainSteps(await readWholeLog(executionId)),
    };
    const at = await terminateExecution(db, {
      executionId,
      epoch: fenced.epoch,
      seq: fenced.lastSeq,
      status: 'cancelled',
      event: { type: 'cancelled', data: JSON.stringify(data) },
      error: null,
    });
    // Fenced once more by another canceller: it is theirs to end.
    if (at === undefined) return;
    const { workflowId } = fenced;
    publisher.publish([
      toCommittedRange({
        executionId,
        workflowId,
        fromSeq: fenced.lastSeq + 1,
        at,
        events: [{ type: 'cancelled', data }],
      }),
    ]);
  }

  async function head(executionId: string): Promise<ExecutionStatus | undefined> {
    return (await readHeads(db, [executionId]))[0]?.status;
  }

  /** True when nobody runs it, so that it can be ended here and now. */
  function isIdle(status: ExecutionStatus): boolean {
    return status === 'queued' || status === 'waiting' || status === 'paused';
  }

  return {
    force,
    async cancel({ executionId, by, reason, waitMs }) {
      let status = await head(executionId);
      if (status === undefined) return undefined;
      if (isTerminal(status)) return { status, terminal: true };
      if (isIdle(status)) {
        await force(executionId, by.username, reason);
        status = (await head(executionId)) ?? status;
        if (isTerminal(status)) return { status, terminal: true };
      }
      const payload = { by: by.username, ...(reason !== undefined && { reason }) };
      await signaller.signal(executionId, { kind: 'cancel', payload, sentBy: by.id });
      const deadline = performance.now() + waitMs;
      for (;;) {
        status = (await head(executionId)) ?? status;
        if (isTerminal(status)) return { status, terminal: true };
        if (performance.now() >= deadline) return { status, terminal: false };
        await setTimeout(POLL_MS);
      }
    },
  };
}
