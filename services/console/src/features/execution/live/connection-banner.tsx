import { Unplug } from 'lucide-react';
import { usePreferences } from '@/app/preferences';
import { errorWords } from '@/components/error-note';
import { formatClock } from '@/lib/format';
import { isPolling } from './connection';
import type { LiveExecution } from './live-execution';
import { useLive } from './use-live-execution';

/** Said once the socket has been away for three seconds; the page works on with what it has. */
export function ConnectionBanner({ live }: { live: LiveExecution }) {
  const connection = useLive(live, (state) => state.connection);
  const timeZone = usePreferences((preferences) => preferences.timeZone);
  if (!connection.isStale) return null;
  const refused = connection.status === 'refused';
  const doing = refused
    ? errorWords(connection.error).summary
    : isPolling(connection)
      ? 'reconnecting, and asking every 5 s meanwhile'
      : 'reconnecting';
  return (
    <p
      role="status"
      aria-label="Connection"
      className="flex shrink-0 items-center gap-2 border-b border-line bg-waiting-soft px-4 py-1.5 text-12"
    >
      <Unplug aria-hidden className="size-3.5 shrink-0 text-waiting" />
      <span>
        Live updates paused · {doing} · data as of {formatClock(new Date(connection.asOfMs), timeZone)}
      </span>
    </p>
  );
}
