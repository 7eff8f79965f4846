import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

/** One's own secrets by name, or those of `owner` for an administrator. Values are never among what comes. */
export function useSecrets(owner: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['secrets', 'list', owner],
    queryFn: ({ pageParam, signal }) =>
      api.secrets.list({ limit: 100, cursor: pageParam, owner }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** With the workflows that use it. */
export function useSecret(name: string, owner: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['secrets', 'one', owner, name],
    queryFn: ({ signal }) => api.secrets.get(name, { owner }, { signal }),
    enabled,
  });
}

export function useRenewSecrets(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['secrets'] });
}
