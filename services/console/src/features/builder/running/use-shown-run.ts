import { isTerminal, type ExecutionStatus } from '@millrace/contracts';
import { useEffect, useState } from 'react';
import { queryClient } from '@/api/client';
import { toastError } from '@/components/toast';
import { feedCanvas } from '@/features/execution/live/feed-canvas';
import { openLiveExecution } from '@/features/execution/live/use-live-execution';
import { openingQuery, versionQuery } from '@/features/execution/queries';
import { builderRun } from '../store';

/** The status of the execution that the canvas shows; undefined where it shows none. Its steps go to the cards. */
export function useShownRun(executionId: string | undefined): ExecutionStatus | undefined {
  const [shown, setShown] = useState<{ id: string; status: ExecutionStatus }>();
  useEffect(() => {
    if (executionId === undefined) return;
    let stop: (() => void) | undefined;
    let isLeft = false;
    builderRun.replace([]);
    show(executionId, (status) => setShown({ id: executionId, status })).then(
      (stopShowing) => {
        if (isLeft) stopShowing();
        else stop = stopShowing;
      },
      (error: unknown) => {
        if (!isLeft) toastError('Could not show the run', error);
      },
    );
    return () => {
      isLeft = true;
      stop?.();
      builderRun.replace([]);
      builderRun.freeze(null);
    };
  }, [executionId]);
  return shown?.id === executionId ? shown?.status : undefined;
}

/** Follows the execution as its own page does, on the builder's cards. Resolves with how to stop. */
async function show(id: string, onStatus: (status: ExecutionStatus) => void): Promise<() => void> {
  const opening = await queryClient.query(openingQuery(id));
  const { workflow_id: workflowId, workflow_version: version } = opening.execution;
  const { structure } = await queryClient.query(versionQuery(workflowId, version));
  const live = openLiveExecution(opening, structure);
  let last: ExecutionStatus | undefined;
  const tell = (): void => {
    const { status } = live.store.getState().view;
    if (status === last) return;
    last = status;
    onStatus(status);
    if (!isTerminal(status)) return;
    void queryClient.invalidateQueries({ queryKey: ['executions', 'list'] });
    // What the panel has read of the steps while they ran is not what they yielded.
    void queryClient.invalidateQueries({ queryKey: ['executions', 'run-data', workflowId] });
  };
  const stops = [feedCanvas(live, builderRun), live.store.subscribe(tell), live.start()];
  tell();
  return () => stops.forEach((stop) => stop());
}
