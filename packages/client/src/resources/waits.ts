import {
  approvalResource,
  boundedCount,
  eventWait,
  keptEvent,
  keptEventSummary,
  sendEventResponse,
  type ApprovalResource,
  type BoundedCount,
  type DecideRequest,
  type EventWait,
  type KeptEvent,
  type KeptEventSummary,
  type countApprovalsQuery,
  type listApprovalsQuery,
  type listEventWaitsQuery,
  type listKeptEventsQuery,
  type SendEventInput,
  type SendEventResponse,
} from '@millrace/contracts';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type ListApprovalsQuery = QueryOf<typeof listApprovalsQuery>;
export type CountApprovalsQuery = QueryOf<typeof countApprovalsQuery>;
export type ListKeptEventsQuery = QueryOf<typeof listKeptEventsQuery>;
export type ListEventWaitsQuery = QueryOf<typeof listEventWaitsQuery>;

export interface ApprovalsApi {
  /** Newest first: of the caller's workflows, and those that name the caller. */
  list(query?: ListApprovalsQuery, options?: CallOptions): Promise<Page<ApprovalResource>>;
  listAll(
    query?: ListApprovalsQuery,
    options?: CallOptions,
  ): AsyncGenerator<ApprovalResource, void, undefined>;
  /** Counting stops at 1,000. */
  count(query?: CountApprovalsQuery, options?: CallOptions): Promise<BoundedCount>;
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
  /** Kept for whoever will wait for them, newest first, without payloads. */
  kept(query?: ListKeptEventsQuery, options?: CallOptions): Promise<Page<KeptEventSummary>>;
  /** Throws 404 when it was received, has expired or was discarded. */
  get(eventId: string, options?: CallOptions): Promise<KeptEvent>;
  /** Nobody will receive it. */
  discard(eventId: string, options?: CallOptions): Promise<void>;
  /** Steps that wait for an event, those of the newest execution first. */
  waits(query?: ListEventWaitsQuery, options?: CallOptions): Promise<Page<EventWait>>;
}

export function approvalsApi(calls: JsonCalls): ApprovalsApi {
  const list: ApprovalsApi['list'] = (query, options) =>
    calls.page(approvalResource, { method: 'GET', path: '/approvals', query }, options);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    count: (query, options) =>
      calls.get(boundedCount, { method: 'GET', path: '/approvals/count', query }, options),
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
    kept: (query, options) =>
      calls.page(keptEventSummary, { method: 'GET', path: '/events', query }, options),
    get: (id, options) => calls.get(keptEvent, { method: 'GET', path: path('events', id) }, options),
    discard: (id, options) => calls.discard({ method: 'DELETE', path: path('events', id) }, options),
    waits: (query, options) => calls.page(eventWait, { method: 'GET', path: '/event-waits', query }, options),
    send: (event, options) =>
      calls.get(
        sendEventResponse,
        { method: 'POST', path: '/events', body: event, repeatable: event.id !== undefined },
        options,
      ),
  };
}
