import type { ListExecutionsQuery } from '@millrace/client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { hidesChildren, RANGES, tidy, type ExecutionsSearch } from './search';

const PAGE_SIZE = 100;
/** Pages beyond this many are not asked for again by themselves: the list stays still for whoever reads far down. */
const LIVE_PAGES = 2;
const LIVE_MS = 3_000;
/** Counting looks at up to ten thousand rows of a status. */
const COUNT_MS = 10_000;

/** What the address asks for, as the API takes it. A moving range becomes a time now. */
export function listQuery(search: ExecutionsSearch, nowMs = Date.now()): ListExecutionsQuery {
  const { range, id, since, children, ...rest } = tidy(search);
  const from = range === undefined ? since : new Date(nowMs - RANGES[range] * 1_000).toISOString();
  return {
    ...rest,
    ...(from !== undefined && { since: from }),
    ...(id !== undefined && { id_prefix: id }),
    ...(hidesChildren(search) && { child: 'false' as const }),
  };
}

/** Newest first, page after page; renewed every 3 seconds while only the first pages are loaded. */
export function useExecutions(search: ExecutionsSearch) {
  return useInfiniteQuery({
    queryKey: ['executions', 'list', tidy(search)],
    queryFn: ({ pageParam, signal }) =>
      api.executions.list({ ...listQuery(search), limit: PAGE_SIZE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= LIVE_PAGES ? LIVE_MS : false),
  });
}

/** How many there are of each status, whatever statuses the filter names. */
export function useExecutionCounts(search: ExecutionsSearch) {
  const { status: _status, ...others } = tidy(search);
  return useQuery({
    queryKey: ['executions', 'counts', others],
    queryFn: ({ signal }) => api.executions.counts(listQuery(others), { signal }),
    placeholderData: (previous) => previous,
    refetchInterval: COUNT_MS,
  });
}
