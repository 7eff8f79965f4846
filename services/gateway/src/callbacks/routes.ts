import { type CallbackResource, toExecutionId, type WorkflowCallbackResource } from '@millrace/contracts';
import type { CallbackRecord } from '@millrace/persistence';
import type { GatewayContext } from '../context.js';
import { isoTime, isoTimeOrNull } from '../http/dates.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createCallbacks, type WorkflowCallback } from './service.js';

type Names =
  | 'getWorkflowCallback'
  | 'putWorkflowCallback'
  | 'deleteWorkflowCallback'
  | 'getSigningSecret'
  | 'rotateSigningSecret'
  | 'listCallbacks'
  | 'getCallback'
  | 'redeliverCallback';

export function callbackHandlers(context: GatewayContext): Handlers<Names> {
  const callbacks = createCallbacks(context);
  return {
    getWorkflowCallback: async ({ caller, params }) => ({
      status: 200,
      body: toWorkflowCallback(await callbacks.ofWorkflow(caller, params.id)),
    }),

    putWorkflowCallback: async ({ caller, params, body }) => ({
      status: 200,
      body: toWorkflowCallback(await callbacks.put(caller, params.id, body)),
    }),

    deleteWorkflowCallback: async ({ caller, params }) => {
      await callbacks.remove(caller, params.id);
      return { status: 204 };
    },

    getSigningSecret: async ({ caller, params }) => ({
      status: 200,
      body: await callbacks.signingSecret(caller, params.id),
    }),

    rotateSigningSecret: async ({ caller, params, body }) => ({
      status: 200,
      body: await callbacks.rotate(caller, params.id, body.keep_previous_seconds),
    }),

    listCallbacks: async ({ caller, query, request }) => {
      const { items, nextCursor } = await callbacks.list(caller, query);
      return { status: 200, body: items.map(toCallback), headers: nextPage(request, nextCursor) };
    },

    getCallback: async ({ caller, params }) => ({
      status: 200,
      body: toCallback(await callbacks.get(caller, params.execution_id)),
    }),

    redeliverCallback: async ({ caller, params }) => ({
      status: 202,
      body: toCallback(await callbacks.redeliver(caller, params.execution_id)),
    }),
  };
}

function toWorkflowCallback(record: WorkflowCallback): WorkflowCallbackResource {
  const { url, events, secret, header_names } = record.target;
  return {
    workflow_id: record.workflowId,
    ...{ url, events, secret, header_names },
    updated_at: isoTime(record.updatedAt),
    updated_by: record.updatedBy,
  };
}

function toCallback(record: CallbackRecord): CallbackResource {
  const { url, events, secret, header_names } = record.target;
  return {
    execution_id: toExecutionId(record.executionId),
    workflow_id: record.workflowId,
    status: record.status,
    ...{ url, events, secret, header_names },
    attempts: record.attempts,
    next_attempt_at: isoTimeOrNull(record.nextAttemptAt),
    last_attempt_at: isoTimeOrNull(record.lastAttemptAt),
    last_status: record.lastStatus,
    last_error: record.lastError,
    created_at: isoTime(record.createdAt),
  };
}
