import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { WorkflowsSearch } from './search';

const PAGE_SIZE = 50;
export const RECENT_RUNS = 20;

/** Newest first, page after page, each with its latest runs. */
export function useWorkflows(search: WorkflowsSearch) {
  return useInfiniteQuery({
    queryKey: ['workflows', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      api.workflows.list(
        { ...search, limit: PAGE_SIZE, recent_runs: RECENT_RUNS, cursor: pageParam },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
}

/** The first that match a text, for choosing one. */
export function useWorkflowChoices(search: string, enabled: boolean) {
  return useQuery({
    queryKey: ['workflows', 'choices', search],
    queryFn: ({ signal }) => api.workflows.list({ limit: 20, ...(search !== '' && { search }) }, { signal }),
    placeholderData: (previous) => previous,
    enabled,
  });
}

/** One workflow, for its name and definition. Throws 403 and 404 as the API does. */
export function useWorkflow(id: string | undefined) {
  return useQuery({
    queryKey: ['workflows', 'one', id],
    queryFn: ({ signal }) => api.workflows.get(id ?? '', { signal }),
    enabled: id !== undefined,
  });
}
