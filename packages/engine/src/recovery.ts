import type { ExecutionError, NewEvent } from '@millrace/contracts';
import { stepFailed, stepWaiting } from './events.js';
import { STEP_ERROR_CODES } from './retry.js';
import type { ExecutionState, StepState } from './state/state.js';

/**
 * To be called once after folding a log that a worker left behind: every step that runs without a result has lost its
 * attempt (rules C1 to C4). A repeatable one becomes ready for the next attempt, which does not count as a failure;
 * for any other `decide` answers a `step_failed` with code `outcome_unknown`, or asks a person. Sleeping, waiting and
 * retrying steps keep their due times. A second call changes nothing.
 */
export function markInterrupted(state: ExecutionState): void {
  for (const current of [...state.running]) {
    current.isInterrupted = true;
    state.running.delete(current);
    // What is given up is discarded anyway.
    if (current.abandoned !== null) continue;
    if (current.step.uncertain === 'retry') state.ready.add(current);
    else state.facts.add(current);
  }
}

/** Rule C3: the handling is the step's own, and the retry policy is not asked. */
export function outcomeUnknown({ attempt }: StepState): ExecutionError {
  return {
    code: STEP_ERROR_CODES.outcomeUnknown,
    message: `Attempt ${attempt} started and left no result: whether its effect happened is unknown`,
    fault: 'platform',
    retryable: false,
  };
}

/** Rules C3 and C6. */
export function uncertainFact(state: ExecutionState, current: StepState): NewEvent {
  const error = outcomeUnknown(current);
  if (current.step.uncertain !== 'ask') {
    return stepFailed(state, current, current.attempt, { error, durationMs: 0 });
  }
  return stepWaiting(state, current, { type: 'verdict', message: error.message });
}
