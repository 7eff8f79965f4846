import {
  approvalResource,
  sendEventResponse,
  type ApprovalResource,
  type DecideRequest,
  type listApprovalsQuery,
  type SendEventInput,
  type SendEventResponse,
} from '@millrace/contracts';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type ListApprovalsQuery = QueryOf<typeof listApprovalsQuery>;

export interface ApprovalsApi {
  /** Newest first: of the caller's workflows, and those that name the caller. */
  list(query?: ListApprovalsQuery, options?: CallOptions): Promise<Page<ApprovalResource>>;
  listAll(
    query?: ListApprovalsQuery,
    options?: CallOptions,
  ): AsyncGenerator<ApprovalResource, void, undefined>;
  get(id: string, options?: CallOptions): Promise<ApprovalResource>;
  /**
   * Resolves with the approval as it is then. Sent once: an answer that was lost leaves a decision that may have been
   * taken, which `get` tells.
   */
  decide(id: string, decision: DecideRequest, options?: CallOptions): Promise<ApprovalResource>;
}

export interface EventsApi {
  /** With an `id` it is repeated when an answer is lost, and is one event all the same. */
  send(event: SendEventInput, options?: CallOptions): Promise<SendEventResponse>;
}

export function approvalsApi(calls: JsonCalls): ApprovalsApi {
  const list: ApprovalsApi['list'] = (query, options) =>
    calls.page(approvalResource, { method: 'GET', path: '/approvals', query }, options);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    get: (id, options) =>
      calls.get(approvalResource, { method: 'GET', path: path('approvals', id) }, options),
    decide: (id, decision, options) =>
      calls.get(
        approvalResource,
        { method: 'POST', path: path('approvals', id, 'decide'), body: decision },
        options,
      ),
  };
}

export function eventsApi(calls: JsonCalls): EventsApi {
  return {
    send: (event, options) =>
      calls.get(
        sendEventResponse,
        { method: 'POST', path: '/events', body: event, repeatable: event.id !== undefined },
        options,
      ),
  };
}
