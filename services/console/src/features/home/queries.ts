import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

const LIVE_MS = 5_000;

/** The workflows that were changed or made last, with their latest runs. */
export function useRecentWorkflows() {
  return useQuery({
    queryKey: ['workflows', 'recent'],
    queryFn: ({ signal }) => api.workflows.list({ limit: 6, recent_runs: 20 }, { signal }),
    refetchInterval: LIVE_MS,
  });
}

/** The newest executions. */
export function useRecentExecutions() {
  return useQuery({
    queryKey: ['executions', 'recent'],
    queryFn: ({ signal }) => api.executions.list({ limit: 8, child: 'false' }, { signal }),
    refetchInterval: LIVE_MS,
  });
}

/** Failures that nobody has dealt with. */
export function useFailures() {
  return useQuery({
    queryKey: ['dead-letters', 'recent'],
    queryFn: ({ signal }) => api.deadLetters.list({ limit: 5 }, { signal }),
    refetchInterval: LIVE_MS,
  });
}

/** Approvals that this person may decide now. */
export function useApprovalsToDecide() {
  return useQuery({
    queryKey: ['approvals', 'count'],
    queryFn: ({ signal }) => api.approvals.count({ may_decide: true }, { signal }),
    refetchInterval: LIVE_MS,
  });
}
