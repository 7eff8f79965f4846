import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

/** Events that nobody has received yet, newest first. */
export function useKeptEvents() {
  return useInfiniteQuery({
    queryKey: ['events', 'kept'],
    queryFn: ({ pageParam, signal }) => api.events.kept({ limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
}

/** Steps that wait for an event, newest first. */
export function useEventWaits() {
  return useInfiniteQuery({
    queryKey: ['events', 'waits'],
    queryFn: ({ pageParam, signal }) => api.events.waits({ limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
}

export function useRenewEvents(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['events'] });
}
