import type { BlobReference, JsonValue } from '@millrace/contracts';
import type { ExecutionState, OutputHolder, StepState } from './state.js';

export interface UnresolvedOutput {
  readonly holder: OutputHolder;
  readonly reference: BlobReference;
}

/** Values that are stored elsewhere and that expressions do not see yet. They show as null until provided. */
export function unresolvedOutputs(state: ExecutionState): UnresolvedOutput[] {
  return Array.from(state.unresolvedOutputs, ([holder, reference]) => ({ holder, reference }));
}

/**
 * Puts the content of a stored value where it belongs. Nothing happens where nobody waits for it: it has been provided, or
 * its iteration has ended meanwhile.
 */
export function provideOutput(state: ExecutionState, holder: OutputHolder, value: JsonValue): void {
  if (state.unresolvedOutputs.delete(holder)) holder.output = value;
}

/** Where the output of a settled step is; undefined before. */
export function outputHolder({ frame, step }: StepState): OutputHolder | undefined {
  return frame.scope.steps[step.id];
}
