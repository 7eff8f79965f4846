import {
  callbackResource,
  signingSecretResource,
  webhookDelivery,
  webhookResource,
  webhookWithSecret,
  workflowCallbackResource,
  type CallbackResource,
  type callbackRequest,
  type createWebhookRequest,
  type listCallbacksQuery,
  type listDeliveriesQuery,
  type patchWebhookRequest,
  type SigningSecretResource,
  type WebhookDelivery,
  type WebhookResource,
  type WebhookWithSecret,
  type WorkflowCallbackResource,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';
import type { PageQuery } from './users.js';

export type ListDeliveriesQuery = QueryOf<typeof listDeliveriesQuery>;
export type ListCallbacksQuery = QueryOf<typeof listCallbacksQuery>;

/** Addresses that start executions. */
export interface WebhooksApi {
  list(workflowId: string, query?: PageQuery, options?: CallOptions): Promise<Page<WebhookResource>>;
  listAll(workflowId: string, options?: CallOptions): AsyncGenerator<WebhookResource, void, undefined>;
  /** A `secret` in the answer was made by the platform and is shown this once. */
  create(
    workflowId: string,
    webhook?: z.input<typeof createWebhookRequest>,
    options?: CallOptions,
  ): Promise<WebhookWithSecret>;
  get(id: string, options?: CallOptions): Promise<WebhookResource>;
  /** With `rotate_secret` the answer holds the new one. */
  patch(
    id: string,
    change: z.input<typeof patchWebhookRequest>,
    options?: CallOptions,
  ): Promise<WebhookWithSecret>;
  delete(id: string, options?: CallOptions): Promise<void>;
  /** What arrived, newest first. */
  deliveries(id: string, query?: ListDeliveriesQuery, options?: CallOptions): Promise<Page<WebhookDelivery>>;
  deliveriesAll(
    id: string,
    query?: ListDeliveriesQuery,
    options?: CallOptions,
  ): AsyncGenerator<WebhookDelivery, void, undefined>;
}

export function webhooksApi(calls: JsonCalls): WebhooksApi {
  const at = (id: string, ...rest: string[]): string => path('webhooks', id, ...rest);
  const list: WebhooksApi['list'] = (workflowId, query, options) =>
    calls.page(
      webhookResource,
      { method: 'GET', path: path('workflows', workflowId, 'webhooks'), query },
      options,
    );
  const deliveries: WebhooksApi['deliveries'] = (id, query, options) =>
    calls.page(webhookDelivery, { method: 'GET', path: at(id, 'deliveries'), query }, options);
  return {
    list,
    listAll: (workflowId, options) =>
      walk((cursor) => list(workflowId, { limit: 100, ...(cursor && { cursor }) }, options)),
    create: (workflowId, webhook = {}, options) =>
      calls.get(
        webhookWithSecret,
        { method: 'POST', path: path('workflows', workflowId, 'webhooks'), body: webhook },
        options,
      ),
    get: (id, options) => calls.get(webhookResource, { method: 'GET', path: at(id) }, options),
    patch: (id, body, options) =>
      calls.get(webhookWithSecret, { method: 'PATCH', path: at(id), body }, options),
    delete: (id, options) => calls.discard({ method: 'DELETE', path: at(id) }, options),
    deliveries,
    deliveriesAll: (id, query, options) =>
      walk((cursor) => deliveries(id, { ...query, ...(cursor && { cursor }) }, options)),
  };
}

/** What hears of the end of executions. */
export interface CallbacksApi {
  /** One page, newest execution first. */
  list(query?: ListCallbacksQuery, options?: CallOptions): Promise<Page<CallbackResource>>;
  listAll(
    query?: ListCallbacksQuery,
    options?: CallOptions,
  ): AsyncGenerator<CallbackResource, void, undefined>;
  get(executionId: string, options?: CallOptions): Promise<CallbackResource>;
  /** Throws 409 while the execution has not ended. */
  redeliver(executionId: string, options?: CallOptions): Promise<CallbackResource>;
  /** Throws 404 where the workflow has none. */
  ofWorkflow(workflowId: string, options?: CallOptions): Promise<WorkflowCallbackResource>;
  setForWorkflow(
    workflowId: string,
    callback: z.input<typeof callbackRequest>,
    options?: CallOptions,
  ): Promise<WorkflowCallbackResource>;
  removeFromWorkflow(workflowId: string, options?: CallOptions): Promise<void>;
  /** What the callbacks of a workflow are signed with. */
  signingSecret(workflowId: string, options?: CallOptions): Promise<SigningSecretResource>;
  rotateSigningSecret(
    workflowId: string,
    keepPreviousSeconds?: number,
    options?: CallOptions,
  ): Promise<SigningSecretResource>;
}

export function callbacksApi(calls: JsonCalls): CallbacksApi {
  const ofWorkflow = (id: string, ...rest: string[]): string => path('workflows', id, 'callback', ...rest);
  const list: CallbacksApi['list'] = (query, options) =>
    calls.page(callbackResource, { method: 'GET', path: '/callbacks', query }, options);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    get: (id, options) =>
      calls.get(callbackResource, { method: 'GET', path: path('callbacks', id) }, options),
    redeliver: (id, options) =>
      calls.get(
        callbackResource,
        { method: 'POST', path: path('callbacks', id, 'redeliver'), body: {} },
        options,
      ),
    ofWorkflow: (id, options) =>
      calls.get(workflowCallbackResource, { method: 'GET', path: ofWorkflow(id) }, options),
    setForWorkflow: (id, body, options) =>
      calls.get(workflowCallbackResource, { method: 'PUT', path: ofWorkflow(id), body }, options),
    removeFromWorkflow: (id, options) => calls.discard({ method: 'DELETE', path: ofWorkflow(id) }, options),
    signingSecret: (id, options) =>
      calls.get(signingSecretResource, { method: 'GET', path: ofWorkflow(id, 'secret') }, options),
    rotateSigningSecret: (id, seconds, options) =>
      calls.get(
        signingSecretResource,
        {
          method: 'POST',
          path: ofWorkflow(id, 'secret'),
          body: seconds === undefined ? {} : { keep_previous_seconds: seconds },
        },
        options,
      ),
  };
}
