import { EngineError } from '../error.js';
import type { PlanStep } from '../graph/plan.js';
import type { ExecutionState, StepState } from './state.js';

/** Positions come from the plan itself, so a miss is a broken plan. */
export function planStepAt(state: ExecutionState, index: number): PlanStep {
  const step = state.plan.steps[index];
  if (step === undefined) throw new EngineError('unknown_step', 'S4', `The plan has no step at ${index}`);
  return step;
}

export function stepStateAt(state: ExecutionState, index: number): StepState {
  const step = state.steps[index];
  if (step === undefined) throw new EngineError('unknown_step', 'S4', `The plan has no step at ${index}`);
  return step;
}

/** The step with this id. Throws an EngineError (`unknown_step`) for an id the plan does not have. */
export function planStep(state: ExecutionState, id: string): PlanStep {
  const index = state.plan.indexOf.get(id);
  if (index === undefined) throw new EngineError('unknown_step', 'S4', `The plan has no step "${id}"`);
  return planStepAt(state, index);
}

/** What the log says of a step. */
export function stepState(state: ExecutionState, id: string): Readonly<StepState> {
  return stepStateAt(state, planStep(state, id).index);
}
