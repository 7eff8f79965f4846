import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { usePreferences } from '@/app/preferences';
import { formatClock } from '@/lib/format';
import { errorWords, ErrorNote } from './error-note';
import { SkeletonRows } from './ui/skeleton';
import { Button } from './ui/button';

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** Of the shape of what is coming; rows without it. */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** What a query brought; before that its skeleton, and when it fails the reason, keeping what is old and saying how old. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const retry = (): void => void query.refetch();
  if (query.data === undefined) {
    if (query.isError) return <ErrorNote error={query.error} onRetry={retry} />;
    return skeleton ?? <SkeletonRows />;
  }
  return (
    <>
      {query.isError && <Stale at={query.dataUpdatedAt} error={query.error} onRetry={retry} />}
      {children(query.data)}
    </>
  );
}

function Stale({ at, error, onRetry }: { at: number; error: unknown; onRetry: () => void }) {
  const timeZone = usePreferences((preferences) => preferences.timeZone);
  return (
    <p role="status" className="flex items-center gap-2 text-12 text-waiting">
      As of {formatClock(new Date(at), timeZone)}: {errorWords(error).summary}
      <Button size="sm" variant="ghost" onClick={onRetry}>
        Retry
      </Button>
    </p>
  );
}
