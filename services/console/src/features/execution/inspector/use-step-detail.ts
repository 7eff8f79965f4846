import type { StepSummary } from '@millrace/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { StepView } from '../live/view';
import { stepsQuery } from '../queries';
import type { Structure } from '../live/structure';

export interface StepDetail {
  /** What the server tells of the step; undefined until it is there. */
  readonly summary: StepSummary | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Input and output of a step as the server has them: the log does not hold inputs that are computed. */
export function useStepDetail(executionId: string, step: StepView, structure: Structure): StepDetail {
  const within = structure.get(step.stepId)?.within ?? null;
  const of = within === null || step.iteration === null ? undefined : { within, iteration: step.iteration };
  const since = `${step.key} ${step.status} ${step.attempts}`;
  const found = useQuery({
    ...stepsQuery(executionId, of, since),
    placeholderData: keepPreviousData,
  });
  const summary = found.data?.find(
    ({ step_id: id, iteration }) => id === step.stepId && (iteration ?? null) === step.iteration,
  );
  return { summary, isLoading: found.isPending, error: found.error, retry: () => void found.refetch() };
}
