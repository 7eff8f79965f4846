import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

export interface ApprovalFilter {
  readonly status: 'open' | 'decided';
  /** Only those that this person may decide now. */
  readonly mine?: boolean;
}

/** Newest first, renewed every 5 seconds while only the first page is loaded. */
export function useApprovals({ status, mine = false }: ApprovalFilter) {
  return useInfiniteQuery({
    queryKey: ['approvals', 'list', status, mine],
    queryFn: ({ pageParam, signal }) =>
      api.approvals.list(
        { status, limit: 50, cursor: pageParam, ...(mine && { may_decide: true }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
}

/** The open approvals of one execution. */
export function useApprovalsOf(executionId: string, enabled: boolean) {
  return useQuery({
    queryKey: ['approvals', 'of', executionId],
    queryFn: ({ signal }) => api.approvals.list({ status: 'open', execution: executionId }, { signal }),
    enabled,
    refetchInterval: 5_000,
  });
}

export function useRenewApprovals(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['approvals'] });
}
