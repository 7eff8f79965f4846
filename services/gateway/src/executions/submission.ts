import { createHash, randomUUID } from 'node:crypto';
import {
  API_BASE,
  type executeBatchRequest,
  type ExecuteBatchResponse,
  type ExecuteResponse,
  type JsonObject,
  toExecutionId,
} from '@millrace/contracts';
import { canonicalJson } from '@millrace/engine';
import { findByKey } from '@millrace/persistence';
import type { SubmitOutcome, SubmitRequest } from '@millrace/runtime';
import { ApiError, invalidRequest, type Principal } from '@millrace/service-kit';
import type * as z from 'zod';
import type { GatewayContext } from '../context.js';
import { isoTime } from '../http/dates.js';
import { type Admitted, createAdmission } from './admission.js';

export interface SubmitOptions {
  idempotencyKey?: string | undefined;
  /** The `traceparent` header, where the caller sent one. */
  traceparent?: string | undefined;
}

type BatchItems = z.output<typeof executeBatchRequest>['items'];

export interface Submissions {
  submit(
    caller: Principal,
    workflowId: string,
    parameters: JsonObject,
    options: SubmitOptions,
  ): Promise<ExecuteResponse>;
  /**
   * All are stored in one transaction, or none: but for those whose key another request took with another body between
   * the check and the transaction. The others are stored then, and the answer names these.
   */
  submitBatch(
    caller: Principal,
    workflowId: string,
    items: BatchItems,
    options: Pick<SubmitOptions, 'traceparent'>,
  ): Promise<ExecuteBatchResponse>;
}

export function createSubmissions({ pool, runtime }: Pick<GatewayContext, 'pool' | 'runtime'>): Submissions {
  const admission = createAdmission({ pool, runtime });

  function toRequest(
    caller: Principal,
    workflow: Admitted,
    item: { parameters: JsonObject; key: string | undefined; loc: (string | number)[]; traceId: string },
  ): SubmitRequest {
    return {
      workflowId: workflow.workflowId,
      workflowVersion: workflow.version,
      ownerId: workflow.ownerId,
      submittedBy: { id: caller.userId, username: caller.username },
      parameters: workflow.check(item.parameters, item.loc),
      stepsTotal: workflow.stepsTotal,
      traceId: item.traceId,
      ...(item.key !== undefined && { idempotency: { key: item.key, bodyHash: bodyHash(item.parameters) } }),
    };
  }

  /** A batch stores nothing when a key in it belongs to another body. */
  async function refuseConflicts(requests: readonly SubmitRequest[]): Promise<void> {
    for (const { ownerId, workflowId, idempotency } of requests) {
      if (!idempotency) continue;
      const found = await findByKey(pool, { ownerId, workflowId, key: idempotency.key });
      if (found && !found.bodyHash.equals(idempotency.bodyHash)) throw keyConflict(idempotency.key);
    }
  }

  return {
    async submit(caller, workflowId, parameters, { idempotencyKey, traceparent }) {
      const workflow = await admission.admit(caller, workflowId);
      const request = toRequest(caller, workflow, {
        parameters,
        key: idempotencyKey,
        loc: ['body', 'parameters'],
        traceId: traceIdOf(traceparent),
      });
      const outcome = await runtime.submit(request);
      if (outcome.kind === 'idempotency_conflict') throw keyConflict(idempotencyKey ?? '');
      return toResponse(caller, request, outcome);
    },

    async submitBatch(caller, workflowId, items, { traceparent }) {
      assertDistinctKeys(items);
      const workflow = await admission.admit(caller, workflowId);
      const given = traceparent === undefined ? undefined : traceIdOf(traceparent);
      const requests = items.map((item, index) =>
        toRequest(caller, workflow, {
          parameters: item.parameters,
          key: item.idempotency_key,
          loc: ['body', 'items', index, 'parameters'],
          traceId: given ?? newTraceId(),
        }),
      );
      await refuseConflicts(requests);
      const outcomes = await runtime.submitMany(requests);
      return toBatchResponse(caller, requests, outcomes);
    },
  };
}

function toBatchResponse(
  caller: Principal,
  requests: readonly SubmitRequest[],
  outcomes: readonly SubmitOutcome[],
): ExecuteBatchResponse {
  const answer: ExecuteBatchResponse = { executions: [], conflicts: [] };
  for (const [index, request] of requests.entries()) {
    const outcome = outcomes[index];
    if (!outcome) throw new Error('fewer answers than requests');
    if (outcome.kind !== 'idempotency_conflict') {
      answer.executions.push(toResponse(caller, request, outcome));
      continue;
    }
    const key = request.idempotency?.key ?? '';
    answer.conflicts.push({ index, idempotency_key: key, detail: keyConflict(key).message });
  }
  // Nothing was stored: as if the check had found it.
  const [first] = answer.conflicts;
  if (first && answer.executions.length === 0) throw keyConflict(first.idempotency_key);
  return answer;
}

type Stored = Exclude<SubmitOutcome, { kind: 'idempotency_conflict' }>;

function toResponse(caller: Principal, request: SubmitRequest, outcome: Stored): ExecuteResponse {
  const id = toExecutionId(outcome.executionId);
  const again = outcome.kind === 'repeated' ? ' before under the same idempotency key' : '';
  return {
    execution_id: id,
    workflow_id: request.workflowId,
    status: 'queued',
    created_at: isoTime(outcome.createdAt),
    message: `Workflow execution submitted by ${caller.username}${again}`,
    websocket_url: `${API_BASE}/ws/executions/${id}`,
  };
}

function keyConflict(key: string): Error {
  return new ApiError(
    'idempotency_conflict',
    `The idempotency key ${key} was used with another body; repeat that body, or take another key`,
  );
}

/** Of what the caller sent, before defaults: a default that changes later must not make a repeat a conflict. */
function bodyHash(parameters: JsonObject): Buffer {
  return createHash('sha256').update(canonicalJson(parameters)).digest();
}

function assertDistinctKeys(items: BatchItems): void {
  const seen = new Set<string>();
  for (const [index, { idempotency_key: key }] of items.entries()) {
    if (key === undefined) continue;
    if (seen.has(key)) {
      const loc = ['body', 'items', index, 'idempotency_key'];
      throw invalidRequest([{ loc, msg: 'is used twice in this batch', type: 'duplicate' }]);
    }
    seen.add(key);
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

function traceIdOf(traceparent: string | undefined): string {
  const given = TRACEPARENT.exec(traceparent ?? '')?.[1];
  return given === undefined || /^0+$/.test(given) ? newTraceId() : given;
}

function newTraceId(): string {
  // Node draws the entropy of many UUIDs at once.
  return randomUUID().replaceAll('-', '');
}
