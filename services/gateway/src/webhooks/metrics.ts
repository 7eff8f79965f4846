import type { Metrics } from '@millrace/service-kit';

export function createWebhookMetrics(metrics: Metrics) {
  return {
    deliveries: metrics.counter('millrace_webhook_deliveries_total', {
      help: 'Deliveries to webhooks by outcome: accepted, unsigned, refused, failed, or unknown for paths nobody has.',
      labels: ['outcome'],
    }),
  };
}
