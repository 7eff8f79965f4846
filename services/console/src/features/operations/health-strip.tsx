import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';

/** The parts of the platform as its own health check sees them. */
export function HealthStrip() {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => api.health({ signal }),
    refetchInterval: 10_000,
  });
  if (health.isError && health.data === undefined)
    return <ErrorNote error={health.error} onRetry={() => void health.refetch()} />;
  if (health.data === undefined) return null;
  const { status, version, uptime_seconds: uptime, components } = health.data;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-muted">
      <span className={cx('font-medium', status === 'ok' ? 'text-success' : 'text-waiting')}>{status}</span>
      {Object.entries(components).map(([name, state]) => (
        <span key={name}>
          {name} <span className="text-ink">{typeof state === 'string' ? state : state.status}</span>
        </span>
      ))}
      <span>
        version {version}, up {formatDuration(uptime * 1_000)}
      </span>
    </p>
  );
}
