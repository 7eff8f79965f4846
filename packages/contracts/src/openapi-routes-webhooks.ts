import * as z from 'zod';
import { jsonValue } from './json.js';
import {
  createWebhookRequest,
  listDeliveriesQuery,
  patchWebhookRequest,
  webhookAnswer,
  webhookDelivery,
  webhookResource,
  webhookWithSecret,
} from './http/webhooks.js';
import { pageQuery } from './http/workflows.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const OWNED = { tag: 'Webhooks', errors: ['forbidden', 'not_found'] } as const;

const exampleWebhook = {
  name: 'Orders of the shop',
  signature: { type: 'hmac_sha256', header: 'X-Shop-Signature', prefix: 'sha256=' },
  mapping: { order_id: '=body.id', customer: '=body.customer.email' },
} as const;

const RECEIVING = {
  paths: ['/hooks/{path}'],
  alsoAtRoot: true,
  access: 'anonymous',
  tag: 'Webhooks',
  description:
    'The public address of a webhook; its signature is the credential. JSON, forms, text, and anything else as base64, up to 1 MiB.',
  responses: {
    200: {
      description: 'The output of the execution, the answer to a challenge, or what a repeat started before',
      schema: jsonValue,
    },
    202: { description: 'Accepted: the execution is stored and will run', schema: webhookAnswer },
  },
  errors: [
    'malformed_json',
    'unauthenticated',
    'not_found',
    'method_not_allowed',
    'conflict',
    'body_too_large',
    'unsupported_media_type',
    'validation_failed',
    'execution_failed',
  ],
} as const;

/** Addresses that start executions. */
export const WEBHOOK_ROUTES = {
  listWebhooks: {
    ...OWNED,
    method: 'get',
    paths: ['/workflows/{id}/webhooks'],
    access: 'workflow:read',
    summary: 'The webhooks of a workflow, newest first',
    query: pageQuery,
    responses: {
      200: { description: 'Webhooks', schema: z.array(webhookResource), headers: NEXT_PAGE },
    },
  },
  createWebhook: {
    method: 'post',
    paths: ['/workflows/{id}/webhooks'],
    access: 'workflow:write',
    tag: 'Webhooks',
    summary: 'Create a webhook: an address that starts executions of the workflow',
    description:
      'Executions run as the owner of the workflow. A secret that is made here is shown in this answer alone.',
    body: {
      schema: createWebhookRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: exampleWebhook,
    },
    responses: { 201: { description: 'The webhook', schema: webhookWithSecret } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  getWebhook: {
    ...OWNED,
    method: 'get',
    paths: ['/webhooks/{webhook_id}'],
    access: 'workflow:read',
    summary: 'Read a webhook',
    responses: { 200: { description: 'The webhook, without its secret', schema: webhookResource } },
  },
  updateWebhook: {
    method: 'patch',
    paths: ['/webhooks/{webhook_id}'],
    access: 'workflow:write',
    tag: 'Webhooks',
    summary: 'Change a webhook, or give it another secret',
    description: 'After a change of the secret the old one stays valid for `keep_previous_seconds`.',
    body: {
      schema: patchWebhookRequest,
      encoding: 'json',
      limit: 'standard',
      example: { rotate_secret: true, keep_previous_seconds: 3_600 },
    },
    responses: { 200: { description: 'The webhook', schema: webhookWithSecret } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  deleteWebhook: {
    ...OWNED,
    method: 'delete',
    paths: ['/webhooks/{webhook_id}'],
    access: 'workflow:write',
    summary: 'Delete a webhook and what is known of its deliveries',
    responses: { 204: { description: 'Deleted: its address answers 404' } },
  },
  listDeliveries: {
    ...OWNED,
    method: 'get',
    paths: ['/webhooks/{webhook_id}/deliveries'],
    access: 'workflow:read',
    summary: 'What arrived at a webhook and how it was answered, newest first',
    description: 'The newest 1,000 of the last 7 days, known within a second.',
    query: listDeliveriesQuery,
    responses: {
      200: { description: 'Deliveries', schema: z.array(webhookDelivery), headers: NEXT_PAGE },
    },
  },
  receiveGet: { ...RECEIVING, method: 'get', summary: 'Deliver to a webhook (GET)' },
  receivePost: { ...RECEIVING, method: 'post', summary: 'Deliver to a webhook (POST)' },
  receivePut: { ...RECEIVING, method: 'put', summary: 'Deliver to a webhook (PUT)' },
  receivePatch: { ...RECEIVING, method: 'patch', summary: 'Deliver to a webhook (PATCH)' },
  receiveDelete: { ...RECEIVING, method: 'delete', summary: 'Deliver to a webhook (DELETE)' },
} as const satisfies Record<string, RouteContract>;
