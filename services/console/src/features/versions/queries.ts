import type { VersionResource } from '@millrace/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

/** The published versions of a workflow, newest first, page after page. */
export function useVersions(workflowId: string) {
  return useInfiniteQuery({
    queryKey: ['workflows', workflowId, 'versions'],
    queryFn: ({ pageParam }) =>
      api.workflows.versions(workflowId, { limit: 50, ...(pageParam !== '' && { cursor: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });
}

/** A version never changes: it is read once. */
export function useVersion(workflowId: string, version: number | undefined) {
  return useQuery({
    queryKey: ['workflows', workflowId, 'versions', version],
    queryFn: (): Promise<VersionResource> => api.workflows.version(workflowId, version ?? 1),
    enabled: version !== undefined,
    staleTime: Infinity,
  });
}
