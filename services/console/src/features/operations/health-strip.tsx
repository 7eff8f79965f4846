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
      <span className={cx('font-medium', status === 'ok' ? 'text-success' : 'text-waiting')}>
        {status === 'ok' ? 'All is well' : `The platform is ${status}`}
      </span>
      {Object.entries(components).map(([name, state]) => (
        <Component key={name} name={name} status={typeof state === 'string' ? state : state.status} />
      ))}
      <span>
        version {version}, up {formatDuration(uptime * 1_000)}
      </span>
    </p>
  );
}

const Component = ({ name, status }: { name: string; status: string }) => (
  <span className="flex items-center gap-1.5">
    <svg viewBox="0 0 8 8" aria-hidden className="size-2">
      <circle cx="4" cy="4" r="4" className={status === 'ok' ? 'fill-success' : 'fill-failed'} />
    </svg>
    {name} <span className={status === 'ok' ? 'sr-only' : 'text-ink'}>{status}</span>
  </span>
);
