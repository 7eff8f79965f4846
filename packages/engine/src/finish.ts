import type { EventData, JsonValue } from '@millrace/contracts';
import { planStepAt, stepStateAt } from './state/access.js';
import type { EventOf } from './events.js';
import type { ExecutionState } from './state/state.js';

/**
 * The result of an execution (rule D9): with one step without successors its output (null when it was skipped), else
 * an object with the output of each such step that ran, by id. A single output that is stored elsewhere stays there;
 * inside an object an output that has not been provided is its reference.
 */
export function completedEvent(state: ExecutionState): EventOf<'completed'> {
  const data: EventData<'completed'> = { steps_completed: state.completedCount };
  const [only, ...others] = state.plan.leaves;
  if (only !== undefined && others.length === 0) {
    const { outputRef } = stepStateAt(state, only);
    if (outputRef === null) data.output = outputOf(state, only);
    else data.output_ref = outputRef;
  } else {
    data.output = Object.fromEntries(
      state.plan.leaves
        .filter((index) => hasRun(state, index))
        .map((index) => [planStepAt(state, index).id, outputOf(state, index)] as const),
    );
  }
  return { type: 'completed', data };
}

function hasRun(state: ExecutionState, index: number): boolean {
  const { status, handling } = stepStateAt(state, index);
  return status === 'completed' || (status === 'failed' && handling === 'continue');
}

function outputOf(state: ExecutionState, index: number): JsonValue {
  const { outputRef } = stepStateAt(state, index);
  if (outputRef !== null && state.unresolvedOutputs.has(index)) return { ...outputRef };
  return state.scope.steps[planStepAt(state, index).id]?.output ?? null;
}
