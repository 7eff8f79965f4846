import type { ExecutionResource } from '@millrace/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { executionQuery } from '../queries';
import type { LiveExecution } from './live-execution';
import { useLive } from './use-live-execution';

/** The resource, asked for anew whenever the log says that the execution has another status. */
export function useRefreshedExecution(live: LiveExecution, first: ExecutionResource): ExecutionResource {
  const status = useLive(live, ({ view }) => view.status);
  const isCaughtUp = useLive(live, (state) => state.isCaughtUp);
  const queries = useQueryClient();
  const query = executionQuery(first.execution_id);
  const found = useQuery({ ...query, initialData: first });
  const isBehind = isCaughtUp && found.data.status !== status;
  useEffect(() => {
    if (isBehind)
      void queries.invalidateQueries({ queryKey: ['executions', first.execution_id], exact: true });
  }, [isBehind, status, queries, first.execution_id]);
  return found.data;
}
