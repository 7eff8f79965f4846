import type { Metrics } from '@millrace/service-kit';

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

export function createWorkerMetrics(metrics: Metrics, load: { running(): number; slots: number }) {
  metrics.gauge('millrace_worker_running', {
    help: 'Executions in the hands of this worker.',
    collect: (gauge) => {
      gauge.set(load.running());
    },
  });
  metrics.gauge('millrace_worker_slots', {
    help: 'Executions this worker runs at once at most.',
    collect: (gauge) => {
      gauge.set(load.slots);
    },
  });
  return {
    claims: metrics.counter('millrace_claims_total', {
      help: 'Executions claimed; recovered ones had run before.',
      labels: ['recovered'],
    }),
    runs: metrics.counter('millrace_runs_total', {
      help: 'Turns of executions on this worker by how they ended.',
      labels: ['end'],
    }),
    runSeconds: metrics.histogram('millrace_run_seconds', {
      help: 'Time an execution held its slot.',
    }),
    leasesLost: metrics.counter('millrace_leases_lost_total', {
      help: 'Times this worker fenced itself because it could not renew its lease.',
    }),
  };
}
