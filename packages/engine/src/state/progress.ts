import { planStepAt, stepStateAt } from './access.js';
import type { ExecutionState } from './state.js';

export interface Progress {
  /** Steps that completed, reused and pinned ones included; skipped, failed and discarded ones are not. */
  readonly stepsCompleted: number;
  readonly stepsTotal: number;
  readonly currentStep: string | null;
}

export function stepsTotal(state: ExecutionState): number {
  return state.steps.length;
}

/** Percent of the steps that are settled, 0 to 100, `more` of them still to come; 100 only when all are. */
export function percent(state: ExecutionState, more = 0): number {
  return Math.floor((100 * Math.min(state.settled.length + more, state.steps.length)) / state.steps.length);
}

/** The id of the step that works: running before sleeping and retrying, earlier started before later. */
export function currentStep(state: ExecutionState): string | null {
  for (const steps of [state.running, state.timers]) {
    for (const index of steps) return planStepAt(state, index).id;
  }
  for (const index of state.ready) {
    if (stepStateAt(state, index).status === 'running') return planStepAt(state, index).id;
  }
  return null;
}

export function progress(state: ExecutionState): Progress {
  return {
    stepsCompleted: state.completedCount,
    stepsTotal: state.steps.length,
    currentStep: currentStep(state),
  };
}
