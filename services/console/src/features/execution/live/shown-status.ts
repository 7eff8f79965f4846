import { isTerminal } from '@millrace/contracts';
import type { ShownStatus } from '@/components/status';
import { isUnderWay, type ExecutionView, type StepView } from './view';

/** What became of a step, as people are told: what was under way when its execution ended has been cut off. */
export function shownStatus(
  step: Pick<StepView, 'status'>,
  { status }: Pick<ExecutionView, 'status'>,
): ShownStatus {
  return isTerminal(status) && isUnderWay(step) ? 'cancelled' : step.status;
}

/** Why a step was skipped, in words. */
export const SKIP_WORDS: Readonly<Record<string, string>> = {
  branch: 'another branch was taken',
  upstream: 'what it follows was skipped or failed',
  disabled: 'it is disabled',
  join: 'another branch was first',
  manual: 'somebody skipped it',
};
