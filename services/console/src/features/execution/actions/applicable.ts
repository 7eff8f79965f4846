import { isTerminal, type ExecutionStatus } from '@millrace/contracts';
import { STATUS_LOOKS } from '@/components/status';
import { isSettled, type StepView } from '../live/view';
import type { Structure } from '../live/structure';

export type ExecutionAction = 'cancel' | 'pause' | 'resume' | 'retry' | 'rerun';

const word = (status: ExecutionStatus): string => STATUS_LOOKS[status].word.toLowerCase();

/** Why an execution of this status cannot be acted on so; undefined where it can. Rights are another matter. */
export function whyNotExecution(action: ExecutionAction, status: ExecutionStatus): string | undefined {
  const hasEnded = isTerminal(status);
  switch (action) {
    case 'cancel':
      return hasEnded ? `It has ended: ${word(status)}.` : undefined;
    case 'pause':
      if (hasEnded) return `It has ended: ${word(status)}.`;
      return status === 'paused' ? 'It is paused already.' : undefined;
    case 'resume':
      return status === 'paused' ? undefined : `It is ${word(status)}, not paused.`;
    case 'retry':
      if (!hasEnded) return `It is ${word(status)}: it can be retried when it has ended.`;
      return status === 'completed'
        ? 'It has completed: there is nothing to retry. Rerun it instead.'
        : undefined;
    case 'rerun':
      return hasEnded ? undefined : `It is ${word(status)}: it can be rerun when it has ended.`;
  }
}

/** Why this step cannot be skipped by hand. */
export function whyNotSkip(step: StepView, status: ExecutionStatus): string | undefined {
  if (isTerminal(status)) return `The execution has ended: ${word(status)}.`;
  return isSettled(step) ? `The step is ${STATUS_LOOKS[step.status].word.toLowerCase()} already.` : undefined;
}

/** Why the execution cannot be run again from this step. */
export function whyNotFrom(
  step: StepView,
  status: ExecutionStatus,
  structure: Structure,
): string | undefined {
  const place = structure.get(step.stepId);
  if ((place?.within ?? null) !== null) return 'It is in a body: rerun from the step that holds the body.';
  if (place?.isHandler === true) return 'It belongs to what runs on failure.';
  if (step.status === 'skipped')
    return 'It was skipped and would be again: begin at the step that decides about it.';
  return whyNotExecution('rerun', status);
}
