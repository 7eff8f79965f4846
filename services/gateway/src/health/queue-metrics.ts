import { countRunnable } from '@millrace/persistence';
import type { GatewayContext } from '../context.js';

/** What autoscaling looks at. A store that is away leaves the last value out rather than failing the scrape. */
export function measureQueue({
  metrics,
  messaging,
  pool,
}: Pick<GatewayContext, 'metrics' | 'messaging' | 'pool'>): void {
  metrics.gauge('millrace_queue_hints', {
    help: 'Hints in the queue, by whether a worker has taken them.',
    labels: ['state'],
    async collect(gauge) {
      gauge.reset();
      const depth = await messaging.queue.depth().catch(() => undefined);
      if (!depth) return;
      gauge.set({ state: 'waiting' }, depth.waiting);
      gauge.set({ state: 'active' }, depth.active);
    },
  });
  const oldest = metrics.gauge('millrace_oldest_runnable_seconds', {
    help: 'How long the execution that waits longest for a worker has been waiting.',
  });
  metrics.gauge('millrace_runnable_executions', {
    help: 'Executions that may run now and have no worker.',
    async collect(gauge) {
      const counted = await countRunnable(pool).catch(() => undefined);
      if (!counted) return;
      gauge.set(counted.runnable);
      oldest.set(counted.oldestSeconds);
    },
  });
}
