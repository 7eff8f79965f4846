import type { BlobReference, JsonValue } from '@millrace/contracts';
import { EngineError } from '../error.js';
import { planStep, planStepAt, stepStateAt } from './access.js';
import type { ExecutionState } from './state.js';

export interface UnresolvedOutput {
  readonly stepId: string;
  readonly reference: BlobReference;
}

/** Outputs that are stored elsewhere and that expressions do not see yet. They show as null until provided. */
export function unresolvedOutputs(state: ExecutionState): UnresolvedOutput[] {
  return Array.from(state.unresolvedOutputs, (index) => {
    const reference = stepStateAt(state, index).outputRef;
    return reference === null ? [] : [{ stepId: planStepAt(state, index).id, reference }];
  }).flat();
}

/** Puts the content of a stored output into the scope. Throws an EngineError when the step's output is not by reference. */
export function provideOutput(state: ExecutionState, stepId: string, value: JsonValue): void {
  const step = planStep(state, stepId);
  const known = state.scope.steps[stepId];
  if (stepStateAt(state, step.index).outputRef === null || known === undefined) {
    throw new EngineError(
      'illegal_event',
      'S10',
      `The output of step "${stepId}" is not stored by reference`,
    );
  }
  known.output = value;
  state.unresolvedOutputs.delete(step.index);
}
