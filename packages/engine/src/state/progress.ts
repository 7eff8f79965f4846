import type { ExecutionState } from './state.js';

export interface Progress {
  /** Steps that completed, reused and pinned ones included; skipped, failed and discarded ones are not. */
  readonly stepsCompleted: number;
  readonly stepsTotal: number;
  readonly currentStep: string | null;
}

export function stepsTotal(state: ExecutionState): number {
  return state.root.steps.length;
}

/** Percent of the steps of the workflow itself that are settled, 0 to 100, `more` of them still to come; 100 only when all are. */
export function percent(state: ExecutionState, more = 0): number {
  const { settled, steps } = state.root;
  return Math.floor((100 * Math.min(settled.length + more, steps.length)) / steps.length);
}

/** The id of the step that works: running before waiting, sleeping and retrying, earlier started before later. */
export function currentStep(state: ExecutionState): string | null {
  for (const steps of [state.running, state.waits, state.timers]) {
    for (const { step } of steps) return step.id;
  }
  for (const { step, status } of state.ready) {
    if (status === 'running') return step.id;
  }
  return null;
}

export function progress(state: ExecutionState): Progress {
  return {
    stepsCompleted: state.completedCount,
    stepsTotal: stepsTotal(state),
    currentStep: currentStep(state),
  };
}
