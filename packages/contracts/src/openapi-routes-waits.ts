import * as z from 'zod';
import { boundedCount } from './http/query.js';
import {
  approvalResource,
  countApprovalsQuery,
  decideRequest,
  eventWait,
  keptEvent,
  keptEventSummary,
  listApprovalsQuery,
  listEventWaitsQuery,
  listKeptEventsQuery,
  sendEventRequest,
  sendEventResponse,
} from './http/waits.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const EVENT = { tag: 'Events', errors: ['forbidden', 'not_found'] } as const;
const APPROVAL = { tag: 'Approvals', errors: ['forbidden', 'not_found'] } as const;

/** Answers to what executions wait for. */
export const WAIT_ROUTES = {
  listApprovals: {
    ...APPROVAL,
    method: 'get',
    paths: ['/approvals'],
    access: 'workflow:read',
    summary: 'List approvals, newest first',
    description: 'Of the caller’s workflows, and those that name the caller as an approver. Admins see all.',
    query: listApprovalsQuery,
    responses: {
      200: {
        description: 'One page',
        schema: z.array(approvalResource),
        headers: NEXT_PAGE,
      },
    },
    errors: [],
  },
  countApprovals: {
    ...APPROVAL,
    method: 'get',
    paths: ['/approvals/count'],
    access: 'workflow:read',
    summary: 'How many approvals there are, as for a badge',
    description: 'Under the conditions of the list. Counting stops at 1,000; then `exact` is false.',
    query: countApprovalsQuery,
    responses: { 200: { description: 'The number', schema: boundedCount } },
    errors: [],
  },
  getApproval: {
    ...APPROVAL,
    method: 'get',
    paths: ['/approvals/{approval_id}'],
    access: 'workflow:read',
    summary: 'Read an approval',
    responses: { 200: { description: 'The approval', schema: approvalResource } },
  },
  decideApproval: {
    ...APPROVAL,
    method: 'post',
    paths: ['/approvals/{approval_id}/decide'],
    access: 'workflow:execute',
    summary: 'Decide an approval',
    description:
      'Enough approvals let the step go on as `approved`; one rejection decides it as `rejected`. Nobody decides twice.',
    body: {
      schema: decideRequest,
      encoding: 'json',
      limit: 'standard',
      example: { decision: 'approve', comment: 'Numbers checked' },
    },
    responses: { 200: { description: 'The approval with this decision', schema: approvalResource } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  listKeptEvents: {
    ...EVENT,
    method: 'get',
    paths: ['/events'],
    access: 'workflow:read',
    summary: 'External events that are kept for whoever will wait for them, newest first',
    description: 'Those sent to the caller’s executions; admins see all. Payloads are left out.',
    query: listKeptEventsQuery,
    responses: { 200: { description: 'One page', schema: z.array(keptEventSummary), headers: NEXT_PAGE } },
    errors: [],
  },
  getKeptEvent: {
    ...EVENT,
    method: 'get',
    paths: ['/events/{event_id}'],
    access: 'workflow:read',
    summary: 'Read an external event that is kept',
    description: 'It is gone once it was received, has expired or was discarded.',
    responses: { 200: { description: 'The event with its payload', schema: keptEvent } },
  },
  discardEvent: {
    ...EVENT,
    method: 'delete',
    paths: ['/events/{event_id}'],
    access: 'workflow:execute',
    summary: 'Discard an external event that is kept',
    description:
      'Nobody will receive it. Sending the same `id` again within 24 hours does not bring it back.',
    responses: { 204: { description: 'Discarded' } },
  },
  listEventWaits: {
    ...EVENT,
    method: 'get',
    paths: ['/event-waits'],
    access: 'workflow:read',
    summary: 'Steps that wait for an external event, those of the newest execution first',
    query: listEventWaitsQuery,
    responses: { 200: { description: 'One page', schema: z.array(eventWait), headers: NEXT_PAGE } },
    errors: [],
  },
  sendEvent: {
    method: 'post',
    paths: ['/events'],
    access: 'workflow:execute',
    tag: 'Events',
    summary: 'Send an external event',
    description:
      'Reaches every step of the caller’s executions that waits for this name and key. One that nobody waits for is kept for a time.',
    body: {
      schema: sendEventRequest,
      encoding: 'json',
      limit: 'standard',
      example: { name: 'payment.received', key: 'order-1042', payload: { amount: 129.5 }, id: 'evt-77' },
    },
    responses: { 202: { description: 'Delivered or kept', schema: sendEventResponse } },
    errors: ['forbidden', 'body_too_large', 'idempotency_conflict', 'conflict'],
  },
} as const satisfies Record<string, RouteContract>;
