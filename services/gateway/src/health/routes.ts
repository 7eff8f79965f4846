import { type Health, metricsHandler } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import type { Component } from './components.js';

export function healthHandlers(
  { metrics }: Pick<GatewayContext, 'metrics'>,
  health: Health<Component>,
): Handlers<'health' | 'live' | 'ready' | 'metrics'> {
  const showMetrics = metricsHandler(metrics.registry);
  return {
    health: async () => {
      const report = await health.report();
      return { status: report.status === 'down' ? 503 : 200, body: report };
    },
    live: () => ({ status: 200, body: { status: 'ok' } }),
    ready: async () => {
      const { status, components } = await health.report();
      if (status !== 'down') return { status: 200, body: { status: 'ok' } };
      const reason = components.api.status === 'down' ? components.api.detail : components.database.detail;
      return { status: 503, body: { status: 'down', ...(reason !== undefined && { detail: reason }) } };
    },
    metrics: ({ request }) => ({ stream: (response) => showMetrics(request, response) }),
  };
}
