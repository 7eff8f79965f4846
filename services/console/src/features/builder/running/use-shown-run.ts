import type { ExecutionStatus } from '@millrace/contracts';
import { useEffect, useState } from 'react';
import { api, queryClient } from '@/api/client';
import { builderRun } from '../store';
import { followRun } from './follow-run';

/** The status of the execution that the canvas shows; undefined where it shows none. Its steps go to the cards. */
export function useShownRun(executionId: string | undefined): ExecutionStatus | undefined {
  const [shown, setShown] = useState<{ id: string; status: ExecutionStatus }>();
  useEffect(() => {
    if (executionId === undefined) return;
    const over = new AbortController();
    builderRun.replace([]);
    builderRun.freeze(null);
    followRun(api.follow(executionId, { lastSeq: 0, signal: over.signal }), builderRun, (status) =>
      setShown({ id: executionId, status }),
    )
      .then(() => queryClient.invalidateQueries({ queryKey: ['executions'] }))
      .catch(() => {
        // Left, or no longer to be followed: the cards keep what they last knew, and stand still.
        if (!over.signal.aborted) builderRun.freeze(Date.now());
      });
    return () => {
      over.abort();
      builderRun.replace([]);
      builderRun.freeze(null);
    };
  }, [executionId]);
  return shown?.id === executionId ? shown?.status : undefined;
}
