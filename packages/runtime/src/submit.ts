import {
  type CallbackTarget,
  type EventData,
  type JsonObject,
  type JsonValue,
  toExecutionId,
} from '@millrace/contracts';
import {
  type ChildPlace,
  findByKey,
  findChildren,
  type NewExecution,
  submitExecutions,
  type SubmittedExecution,
} from '@millrace/persistence';
import { type Batcher, createBatcher } from './batcher.js';
import type { RuntimeContext } from './context.js';
import type { Dispatcher } from './dispatch.js';
import { toCommittedRange } from './frames.js';
import type { Publisher } from './publish.js';

export interface SubmitRequest {
  workflowId: string;
  workflowVersion: number;
  /** Runs to this step at the top level; all of it without one. */
  untilStep?: string;
  ownerId: string;
  submittedBy: { id: string; username: string };
  parameters: JsonObject;
  stepsTotal: number;
  traceId: string;
  /** `bodyHash` is SHA-256 of what the caller sent: the same key with another body is a conflict. */
  idempotency?: { key: string; bodyHash: Buffer };
  /** Repeats another execution, with outputs of its steps. */
  retry?: {
    /** Bare uuids. */
    of: string;
    rootId: string;
    /** Instead of what the definition says, by step id. */
    inputs: Record<string, JsonValue>;
    reused: readonly EventData<'step_reused'>[];
  };
  /** Belongs to a step of another execution. The same place twice answers with the first child. */
  parent?: ChildPlace & { depth: number; detached: boolean; shard?: JsonObject | null };
  /** Whom to tell when the execution ends. */
  callback?: CallbackTarget;
  /** The webhook it came through. */
  webhookId?: string;
}

export type SubmitOutcome =
  | { kind: 'accepted' | 'repeated'; executionId: string; createdAt: Date }
  /** The key belongs to an execution with another body. */
  | { kind: 'idempotency_conflict' };

export interface Submitter {
  /** Stores and queues an execution; resolves once it is committed. Waits for no queue. Rejects when Postgres is down. */
  submit(request: SubmitRequest): Promise<SubmitOutcome>;
  /** Stores all in one transaction, or none. At most 500; no two may have the same key. */
  submitMany(requests: readonly SubmitRequest[]): Promise<SubmitOutcome[]>;
  idle(): Promise<void>;
}

const MAX_BATCH = 500;

function toNewExecution(request: SubmitRequest): NewExecution {
  const queued: EventData<'queued'> = {
    workflow_version: request.workflowVersion,
    submitted_by: request.submittedBy.username,
    ...(request.untilStep !== undefined && { until_step: request.untilStep }),
    ...(request.webhookId !== undefined && { webhook_id: request.webhookId }),
    ...(request.retry && { retry_of: toExecutionId(request.retry.of) }),
    ...(request.retry && Object.keys(request.retry.inputs).length > 0 && { inputs: request.retry.inputs }),
  };
  return {
    workflowId: request.workflowId,
    workflowVersion: request.workflowVersion,
    ownerId: request.ownerId,
    submittedBy: request.submittedBy.id,
    parameters: JSON.stringify(request.parameters),
    stepsTotal: request.stepsTotal,
    traceId: request.traceId,
    queuedData: JSON.stringify(queued),
    ...(request.untilStep !== undefined && { untilStep: request.untilStep }),
    ...(request.idempotency && { idempotency: request.idempotency }),
    ...(request.retry && {
      retry: {
        of: request.retry.of,
        rootId: request.retry.rootId,
        reused: request.retry.reused.map((data) => JSON.stringify(data)),
      },
    }),
    ...(request.parent && {
      parent: {
        ...request.parent,
        shard: request.parent.shard ? JSON.stringify(request.parent.shard) : null,
      },
    }),
    ...(request.callback && { callback: JSON.stringify(request.callback) }),
  };
}

/** The log of a new execution: event 1 and what it reuses. */
function firstEvents(row: NewExecution): { type: 'queued' | 'step_reused'; data: string }[] {
  const reused = row.retry?.reused ?? [];
  return [
    { type: 'queued', data: row.queuedData },
    ...reused.map((data) => ({ type: 'step_reused' as const, data })),
  ];
}

export function createSubmitter(
  context: RuntimeContext,
  dispatcher: Dispatcher,
  publisher: Publisher,
): Submitter {
  const { db, settings, crash } = context;

  async function store(requests: readonly SubmitRequest[]): Promise<(SubmittedExecution | undefined)[]> {
    const hint = dispatcher.hasRoom();
    const rows = requests.map(toNewExecution);
    const stored = await submitExecutions(db, rows, hint ? settings.redispatchSeconds : 0);
    crash('submit_committed_not_dispatched');
    const fresh = stored.filter((row) => row !== undefined);
    if (hint) dispatcher.dispatch(fresh.map((row) => ({ executionId: row.executionId, dispatchNo: 1 })));
    publisher.publish(
      stored.flatMap((row, index) => {
        const written = rows[index];
        if (row === undefined || written === undefined) return [];
        return toCommittedRange({
          executionId: row.executionId,
          workflowId: written.workflowId,
          fromSeq: 1,
          at: row.createdAt,
          events: firstEvents(written),
        });
      }),
    );
    return stored;
  }

  /** What a request whose key or place was taken answers; undefined when the key has become free in between. */
  async function repeated(request: SubmitRequest): Promise<SubmitOutcome | undefined> {
    if (request.parent !== undefined) {
      const [child] = await findChildren(db, [request.parent]);
      return child && { kind: 'repeated', executionId: child.executionId, createdAt: child.createdAt };
    }
    if (request.idempotency === undefined) throw new Error('an execution without a key was not stored');
    const { ownerId, workflowId, idempotency } = request;
    const found = await findByKey(db, { ownerId, workflowId, key: idempotency.key });
    if (found === undefined) return undefined;
    return found.bodyHash.equals(idempotency.bodyHash)
      ? { kind: 'repeated', executionId: found.executionId, createdAt: found.createdAt }
      : { kind: 'idempotency_conflict' };
  }

  const batcher: Batcher<SubmitRequest, SubmittedExecution | undefined> = createBatcher({
    maxItems: MAX_BATCH,
    concurrency: 2,
    flush: store,
    keyOf: ({ ownerId, workflowId, idempotency }) =>
      idempotency && JSON.stringify([ownerId, workflowId, idempotency.key]),
  });

  async function submit(request: SubmitRequest): Promise<SubmitOutcome> {
    for (;;) {
      const stored = await batcher.add(request);
      if (stored !== undefined) return { kind: 'accepted', ...stored };
      const outcome = await repeated(request);
      if (outcome !== undefined) return outcome;
    }
  }

  return {
    submit,
    async submitMany(requests) {
      const stored = await store(requests);
      return Promise.all(
        requests.map(async (request, index): Promise<SubmitOutcome> => {
          const row = stored[index];
          if (row !== undefined) return { kind: 'accepted', ...row };
          return (await repeated(request)) ?? submit(request);
        }),
      );
    },
    idle: () => batcher.idle(),
  };
}
