import type { EventData, ExecutionError, JsonValue } from '@millrace/contracts';
import { stepAt } from './state/access.js';
import { hasRun } from './state/loops.js';
import { failedEvent, failingEvent, timedOutEvent, timeoutError, type EventOf } from './events.js';
import type { ExecutionState, Handler, StepState } from './state/state.js';

/**
 * The result of an execution (rule D9): with one step without successors its output (null when it was skipped), else
 * an object with the output of each such step that ran, by id. A single output that is stored elsewhere stays there;
 * inside an object an output that has not been provided is its reference.
 */
export function completedEvent(state: ExecutionState): EventOf<'completed'> {
  const data: EventData<'completed'> = { steps_completed: state.completedCount };
  const leaves = state.plan.leaves.map((index) => stepAt(state.root, index));
  const [only, ...others] = leaves;
  if (only !== undefined && others.length === 0) {
    if (only.outputRef === null) data.output = outputOf(state, only);
    else data.output_ref = only.outputRef;
  } else {
    data.output = Object.fromEntries(
      leaves.filter(hasRun).map((leaf) => [leaf.step.id, outputOf(state, leaf)] as const),
    );
  }
  return { type: 'completed', data };
}

function outputOf({ unresolvedOutputs }: ExecutionState, { step, frame }: StepState): JsonValue {
  const holder = frame.scope.steps[step.id];
  if (holder === undefined) return null;
  const reference = unresolvedOutputs.get(holder);
  return reference === undefined ? holder.output : { ...reference };
}

/** How an execution ends that failed or ran out of time; with an `on_failure` it begins to end (rule H1). */
export function unsuccessfulEvent(
  state: ExecutionState,
  isTimedOut: boolean,
): EventOf<'failed' | 'timed_out' | 'failing'> {
  const { plan, failure } = state;
  const error: ExecutionError =
    isTimedOut || failure === null ? timeoutError('execution', plan.timeoutMs ?? 0) : failure;
  const status = isTimedOut ? 'timed_out' : 'failed';
  if (plan.onFailure !== null) return failingEvent({ status, error });
  return isTimedOut ? timedOutEvent(error) : failedEvent(error);
}

/** The end after `on_failure`, whatever became of it (rule H3). */
export function handledEvent(
  { status, error }: Handler,
  outcome: { readonly ok: boolean; readonly error?: ExecutionError },
): EventOf<'failed' | 'timed_out'> {
  return status === 'failed' ? failedEvent(error, outcome) : timedOutEvent(error, outcome);
}
