import type { Metrics } from '@millrace/service-kit';

export type CallbackMetrics = ReturnType<typeof createCallbackMetrics>;

export function createCallbackMetrics(metrics: Metrics) {
  let count = (): number => 0;
  metrics.gauge('millrace_callbacks_in_flight', {
    help: 'Receivers that are being called.',
    collect: (gauge) => {
      gauge.set(count());
    },
  });
  return {
    attempts: metrics.counter('millrace_callback_attempts_total', {
      help: 'Calls of receivers by outcome: delivered, retry, failed, skipped, lost, superseded.',
      labels: ['outcome'],
    }),
    duration: metrics.histogram('millrace_callback_duration_seconds', {
      help: 'Time of one call of a receiver.',
    }),
    watch(underWay: () => number) {
      count = underWay;
    },
  };
}
