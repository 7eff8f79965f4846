import { createHash, randomUUID } from 'node:crypto';
import {
  API_BASE,
  type CallbackRequest,
  type CallbackTarget,
  type executeBatchRequest,
  type ExecuteBatchResponse,
  type ExecuteResponse,
  isTestVersion,
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
  /** Whom to tell of the end: undefined leaves it to the workflow, null tells nobody. */
  callback?: CallbackRequest | null | undefined;
  /** The step it runs to; all of it without one. */
  untilStep?: string | undefined;
  /** A test version; the newest published one without it. */
  version?: number | undefined;
  /** What it came through. The same delivery again answers with its execution, whatever its body is now. */
  webhook?: { id: string; deliveryKey?: string };
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
    options: Pick<SubmitOptions, 'traceparent' | 'callback'>,
  ): Promise<ExecuteBatchResponse>;
}

type Needs = Pick<GatewayContext, 'pool' | 'runtime' | 'callbackTargets'>;

export function createSubmissions({ pool, runtime, callbackTargets }: Needs): Submissions {
  const admission = createAdmission({ pool, runtime });

  function toRequest(
    caller: Principal,
    workflow: Admitted,
    item: {
      parameters: JsonObject;
      key: string | undefined;
      loc: (string | number)[];
      traceId: string;
      callback: CallbackTarget | undefined;
      stepsTotal: number;
      untilStep?: string | undefined;
    },
  ): SubmitRequest {
    return {
      workflowId: workflow.workflowId,
      workflowVersion: workflow.version,
      ownerId: workflow.ownerId,
      submittedBy: { id: caller.userId, username: caller.username },
      parameters: workflow.check(item.parameters, item.loc),
      stepsTotal: item.stepsTotal,
      traceId: item.traceId,
      ...(item.untilStep !== undefined && { untilStep: item.untilStep }),
      ...(item.key !== undefined && {
        idempotency: { key: item.key, bodyHash: bodyHash(item.parameters, workflow.version, item.untilStep) },
      }),
      ...(item.callback && { callback: item.callback }),
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
    async submit(caller, workflowId, parameters, options) {
      const { idempotencyKey, traceparent, callback, webhook, untilStep } = options;
      const workflow = await admission.admit(caller, workflowId, options.version);
      const made = toRequest(caller, workflow, {
        parameters,
        key: idempotencyKey,
        loc: webhook === undefined ? ['body', 'parameters'] : ['parameters'],
        traceId: traceIdOf(traceparent),
        callback: await callbackOf(callbackTargets, workflow, callback),
        stepsTotal: await workflow.stepsUntil(untilStep),
        untilStep,
      });
      const request = webhook === undefined ? made : throughWebhook(made, webhook);
      const outcome = await runtime.submit(request);
      if (outcome.kind === 'idempotency_conflict') throw keyConflict(idempotencyKey ?? '');
      return toResponse(caller, request, outcome);
    },

    async submitBatch(caller, workflowId, items, { traceparent, callback: wanted }) {
      assertDistinctKeys(items);
      const workflow = await admission.admit(caller, workflowId);
      const callback = await callbackOf(callbackTargets, workflow, wanted);
      const stepsTotal = await workflow.stepsUntil(undefined);
      const given = traceparent === undefined ? undefined : traceIdOf(traceparent);
      const requests = items.map((item, index) =>
        toRequest(caller, workflow, {
          parameters: item.parameters,
          key: item.idempotency_key,
          loc: ['body', 'items', index, 'parameters'],
          traceId: given ?? newTraceId(),
          ...{ callback, stepsTotal },
        }),
      );
      await refuseConflicts(requests);
      const outcomes = await runtime.submitMany(requests);
      return toBatchResponse(caller, requests, outcomes);
    },
  };
}

/** Senders repeat a delivery with other headers and another time: its id alone says that it is the same. */
function throughWebhook(
  request: SubmitRequest,
  { id, deliveryKey }: NonNullable<SubmitOptions['webhook']>,
): SubmitRequest {
  if (deliveryKey === undefined) return { ...request, webhookId: id };
  const hash = createHash('sha256').update(deliveryKey).digest();
  return { ...request, webhookId: id, idempotency: { key: deliveryKey, bodyHash: hash } };
}

/** Whom to tell of the end of an execution: as the caller asked, else as the workflow has it for those that are no tests. */
export async function callbackOf(
  targets: GatewayContext['callbackTargets'],
  workflow: Admitted,
  wanted: CallbackRequest | null | undefined,
): Promise<CallbackTarget | undefined> {
  if (wanted === undefined)
    return isTestVersion(workflow.version) ? undefined : (workflow.callback ?? undefined);
  return wanted === null ? undefined : targets.make(wanted, workflow, ['body', 'callback']);
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

export function keyConflict(key: string): Error {
  return new ApiError(
    'idempotency_conflict',
    `The idempotency key ${key} was used with another body; repeat that body, or take another key`,
  );
}

/**
 * Of what the caller sent, before defaults: a default that changes later must not make a repeat a conflict, and neither
 * must a version that was published meanwhile. A draft that was changed is another thing to run.
 */
function bodyHash(parameters: JsonObject, version: number, untilStep: string | undefined): Buffer {
  const isPlain = untilStep === undefined && !isTestVersion(version);
  const asked = isPlain
    ? parameters
    : [parameters, untilStep ?? null, isTestVersion(version) ? version : null];
  return createHash('sha256').update(canonicalJson(asked)).digest();
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

export function traceIdOf(traceparent: string | undefined): string {
  const given = TRACEPARENT.exec(traceparent ?? '')?.[1];
  return given === undefined || /^0+$/.test(given) ? newTraceId() : given;
}

function newTraceId(): string {
  // Node draws the entropy of many UUIDs at once.
  return randomUUID().replaceAll('-', '');
}
