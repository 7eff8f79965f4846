import { isTerminal } from '@millrace/contracts';
import { useNow } from '@/lib/use-now';
import type { LiveExecution } from './live-execution';
import { useLive } from './use-live-execution';

/**
 * The moment that timers of the execution show, milliseconds since 1970 by the server's clock, every second. It stands
 * still while nothing new is known, and for good at the last event of what has ended.
 */
export function useExecutionNow(live: LiveExecution): number {
  const now = useNow();
  return useLive(live, ({ connection, offsetMs, view }) => {
    if (isTerminal(view.status)) return view.atMs ?? view.phases.at(-1)?.fromMs ?? now;
    return (connection.isStale ? connection.asOfMs : now) + offsetMs;
  });
}
