import * as z from 'zod';
import {
  callbackRequest,
  callbackResource,
  listCallbacksQuery,
  rotateSecretRequest,
  signingSecretResource,
  workflowCallbackResource,
} from './http/callbacks.js';
import type { RouteContract } from './openapi-route.js';

const OWNED = { tag: 'Callbacks', errors: ['forbidden', 'not_found'] } as const;

/** What is called when executions end. */
export const CALLBACK_ROUTES = {
  getWorkflowCallback: {
    ...OWNED,
    method: 'get',
    paths: ['/workflows/{id}/callback'],
    access: 'workflow:read',
    summary: 'Whom executions of the workflow tell of their end',
    responses: { 200: { description: 'The callback', schema: workflowCallbackResource } },
  },
  putWorkflowCallback: {
    ...OWNED,
    method: 'put',
    paths: ['/workflows/{id}/callback'],
    access: 'workflow:write',
    summary: 'Set whom executions of the workflow tell of their end',
    description: 'For executions submitted from now on that name no callback of their own.',
    body: {
      schema: callbackRequest,
      encoding: 'json',
      limit: 'standard',
      example: { url: 'https://example.com/millrace', events: ['completed', 'failed'] },
    },
    responses: { 200: { description: 'The callback', schema: workflowCallbackResource } },
  },
  deleteWorkflowCallback: {
    ...OWNED,
    method: 'delete',
    paths: ['/workflows/{id}/callback'],
    access: 'workflow:write',
    summary: 'Tell nobody any more',
    description: 'Callbacks of executions that were submitted before are still made.',
    responses: { 204: { description: 'Deleted' } },
  },
  getSigningSecret: {
    ...OWNED,
    method: 'get',
    paths: ['/workflows/{id}/callback/secret'],
    access: 'workflow:write',
    summary: 'The secret that the workflow’s callbacks are signed with',
    description:
      'Made when it is first needed. Whoever has it can pretend to be this platform to the receivers.',
    responses: { 200: { description: 'The secret', schema: signingSecretResource } },
  },
  rotateSigningSecret: {
    ...OWNED,
    method: 'post',
    paths: ['/workflows/{id}/callback/secret'],
    access: 'workflow:write',
    summary: 'Sign with a new secret, and with the old one too for a while',
    body: { schema: rotateSecretRequest, encoding: 'json', limit: 'standard', optional: true },
    responses: { 200: { description: 'The new secret', schema: signingSecretResource } },
  },
  listCallbacks: {
    ...OWNED,
    method: 'get',
    paths: ['/callbacks'],
    access: 'workflow:read',
    summary: 'Callbacks of executions, newest execution first',
    description: 'Those that were delivered, skipped or given up are kept for 30 days.',
    query: listCallbacksQuery,
    responses: {
      200: {
        description: 'Callbacks',
        schema: z.array(callbackResource),
        headers: { Link: '`<…>; rel="next"` where there is another page' },
      },
    },
  },
  getCallback: {
    ...OWNED,
    method: 'get',
    paths: ['/callbacks/{execution_id}'],
    access: 'workflow:read',
    summary: 'The callback of an execution',
    responses: { 200: { description: 'The callback', schema: callbackResource } },
  },
  redeliverCallback: {
    ...OWNED,
    method: 'post',
    paths: ['/callbacks/{execution_id}/redeliver'],
    access: 'workflow:execute',
    summary: 'Deliver a callback again, whatever came of it',
    description: 'With the same `webhook-id`, by which receivers know that it is the same message.',
    responses: { 202: { description: 'It is due now', schema: callbackResource } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
} as const satisfies Record<string, RouteContract>;
