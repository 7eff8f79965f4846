import type { ExecutionQueue } from '@millrace/messaging';
import type { Sweeps } from '@millrace/runtime';
import type { Metrics } from '@millrace/service-kit';

export type SchedulerMetrics = ReturnType<typeof createSchedulerMetrics>;

/** Postgres is asked at most this often, however many scrape. */
const MAX_AGE_MS = 2_000;

export function createSchedulerMetrics(metrics: Metrics, sources: { sweeps: Sweeps; queue: ExecutionQueue }) {
  let counted = { runnable: 0, oldestSeconds: 0 };
  let countedAt = -Infinity;

  async function count(): Promise<typeof counted> {
    if (performance.now() - countedAt > MAX_AGE_MS) {
      countedAt = performance.now();
      counted = await sources.sweeps.countRunnable().catch(() => counted);
    }
    return counted;
  }

  metrics.gauge('millrace_runnable_executions', {
    help: 'Executions that could start this moment and that no worker has: what to scale workers on.',
    collect: async (gauge) => {
      gauge.set((await count()).runnable);
    },
  });
  metrics.gauge('millrace_oldest_runnable_seconds', {
    help: 'Age of the execution that has been runnable for longest.',
    collect: async (gauge) => {
      gauge.set((await count()).oldestSeconds);
    },
  });
  const depth = metrics.gauge('millrace_queue_hints', {
    help: 'Hints in the queue; at most the window, so not what to scale on.',
    labels: ['state'],
    collect: async () => {
      const now = await sources.queue.depth().catch(() => undefined);
      if (now === undefined) return;
      depth.set({ state: 'waiting' }, now.waiting);
      depth.set({ state: 'active' }, now.active);
    },
  });
  return {
    swept: metrics.counter('millrace_swept_total', {
      help: 'What the sweeps found, by sweep. release_expired counts executions of dead workers.',
      labels: ['sweep'],
    }),
    failures: metrics.counter('millrace_sweep_failures_total', {
      help: 'Rounds of a sweep that failed.',
      labels: ['sweep'],
    }),
  };
}
