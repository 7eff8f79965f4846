import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

/** Failures that nobody has dealt with, the latest first. */
export function useDeadLetters(workflow: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['dead-letters', workflow],
    queryFn: ({ pageParam, signal }) =>
      api.deadLetters.list({ limit: 50, cursor: pageParam, workflow }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
}

/** After failures were retried or discarded, everything that counts or lists them is old. */
export function useForgetDeadLetters(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['dead-letters'] }),
      queries.invalidateQueries({ queryKey: ['executions'] }),
    ]);
  };
}
