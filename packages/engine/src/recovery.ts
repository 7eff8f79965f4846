import { stepFailed, type EventOf } from './events.js';
import { STEP_ERROR_CODES } from './retry.js';
import { planStepAt, stepStateAt } from './state/access.js';
import type { PlanStep } from './graph/plan.js';
import type { ExecutionState } from './state/state.js';

/**
 * To be called once after folding a log that a worker left behind: every step that runs without a result has lost its
 * attempt (rules C1 to C4). A repeatable one becomes ready for the next attempt, which does not count as a failure;
 * for any other `decide` answers a `step_failed` with code `outcome_unknown`. Sleeping and retrying steps keep their
 * due times. A second call changes nothing.
 */
export function markInterrupted(state: ExecutionState): void {
  for (const index of [...state.running]) {
    const step = planStepAt(state, index);
    const current = stepStateAt(state, index);
    current.isInterrupted = true;
    state.running.delete(index);
    // A loser of a join is discarded anyway.
    if (current.isAbandoned) continue;
    if (step.uncertain === 'retry') state.ready.add(index);
    else state.facts.add(index);
  }
}

/** Rule C3. The handling is the step's own; the retry policy is not asked. */
export function outcomeUnknown(state: ExecutionState, step: PlanStep): EventOf<'step_failed'> {
  const { attempt } = stepStateAt(state, step.index);
  const error = {
    code: STEP_ERROR_CODES.outcomeUnknown,
    message: `Attempt ${attempt} started and left no result: whether its effect happened is unknown`,
    fault: 'platform',
    retryable: false,
  } as const;
  return stepFailed(state, step, attempt, error, 0);
}
