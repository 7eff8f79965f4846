import * as z from 'zod';
import {
  approvalResource,
  decideRequest,
  listApprovalsQuery,
  sendEventRequest,
  sendEventResponse,
} from './http/waits.js';
import type { RouteContract } from './openapi-route.js';

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
        headers: { Link: '`<…>; rel="next"` where there is another page' },
      },
    },
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
