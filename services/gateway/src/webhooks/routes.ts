import { API_BASE } from '@millrace/contracts';
import type { GatewayContext } from '../context.js';
import { createSubmissions } from '../executions/submission.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createWebhookMetrics } from './metrics.js';
import { createReceiver } from './receive.js';
import { toDeliveryResource, toWebhookResource } from './resource.js';
import { createResultOf } from './result.js';
import { createWebhooks, type Written } from './service.js';

type Names =
  | 'listWebhooks'
  | 'createWebhook'
  | 'getWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'listDeliveries'
  | 'receiveGet'
  | 'receivePost'
  | 'receivePut'
  | 'receivePatch'
  | 'receiveDelete';

export function webhookHandlers(context: GatewayContext): Handlers<Names> {
  const webhooks = createWebhooks(context);
  const receive = createReceiver(context, {
    submissions: createSubmissions(context),
    mappings: context.mappings,
    deliveries: context.deliveries,
    resultOf: createResultOf(context),
    metrics: createWebhookMetrics(context.metrics),
  });
  const receiving: Handlers<'receivePost'>['receivePost'] = async ({ params, request }) => {
    const { res: response } = request;
    if (!response) throw new Error('express gives every request its response');
    return receive(params.path, request, response);
  };

  return {
    listWebhooks: async ({ caller, params, query, request }) => {
      const { items, nextCursor } = await webhooks.list(caller, params.id, query);
      return { status: 200, body: items.map(toWebhookResource), headers: nextPage(request, nextCursor) };
    },

    createWebhook: async ({ caller, params, body }) => {
      const made = await webhooks.create(caller, params.id, body);
      return {
        status: 201,
        body: withSecret(made),
        headers: { Location: `${API_BASE}/webhooks/${made.webhook.id}` },
      };
    },

    getWebhook: async ({ caller, params }) => ({
      status: 200,
      body: toWebhookResource(await webhooks.get(caller, params.webhook_id)),
    }),

    updateWebhook: async ({ caller, params, body }) => ({
      status: 200,
      body: withSecret(await webhooks.update(caller, params.webhook_id, body)),
    }),

    deleteWebhook: async ({ caller, params }) => {
      await webhooks.remove(caller, params.webhook_id);
      return { status: 204 };
    },

    listDeliveries: async ({ caller, params, query, request }) => {
      const { items, nextCursor } = await webhooks.deliveries(caller, params.webhook_id, query);
      return { status: 200, body: items.map(toDeliveryResource), headers: nextPage(request, nextCursor) };
    },

    receiveGet: receiving,
    receivePost: receiving,
    receivePut: receiving,
    receivePatch: receiving,
    receiveDelete: receiving,
  };
}

function withSecret({ webhook, secret }: Written) {
  return { ...toWebhookResource(webhook), ...(secret !== undefined && { secret }) };
}
