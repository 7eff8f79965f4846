import { EngineError } from '../error.js';
import type { PlanStep } from '../graph/plan.js';
import type { ExecutionState, Frame, StepState } from './state.js';

/** Positions come from the plan itself, so a miss is a broken plan. */
export function stepAt(frame: Frame, index: number): StepState {
  const step = frame.steps[index];
  if (step === undefined) throw new EngineError('unknown_step', 'S4', `The plan has no step at ${index}`);
  return step;
}

/** The step of the plan with this id. Throws an EngineError (`unknown_step`) for an id it does not have. */
export function planStep(state: ExecutionState, id: string): PlanStep {
  const step = state.plan.stepOf.get(id);
  if (step === undefined) throw new EngineError('unknown_step', 'S4', `The plan has no step "${id}"`);
  return step;
}

/**
 * What the log says of a step; undefined in an iteration that has not begun, or has ended. `iteration` names the
 * iterations that a step of a body is in. Throws an EngineError (`unknown_step`) for an id the plan does not have.
 */
export function findStep(state: ExecutionState, id: string, iteration?: string): StepState | undefined {
  const step = planStep(state, id);
  let frame: Frame | undefined = step.isInOnFailure ? state.handler?.frame : state.root;
  if (step.within.length === 0 && (iteration ?? null) !== (frame?.iteration ?? null)) return undefined;
  if (step.within.length > 0) {
    const numbers = numbersOf(iteration, state.root.iteration);
    if (numbers?.length !== step.within.length) return undefined;
    for (const [depth, owner] of step.within.entries()) {
      frame = frame?.steps[owner.index]?.loop?.frames.get(numbers[depth] ?? -1);
    }
  }
  return frame?.steps[step.index];
}

/** As `findStep`; throws an EngineError when there is none. */
export function stepState(state: ExecutionState, id: string, iteration?: string): StepState {
  const found = findStep(state, id, iteration);
  if (found === undefined) {
    const where = iteration === undefined ? 'this execution' : `iteration ${iteration}`;
    throw new EngineError('unknown_step', 'S4', `Step "${id}" is not under way in ${where}`);
  }
  return found;
}

/** `"3.0"` to `[3, 0]`, without the part that all iterations of this execution have in common. */
function numbersOf(iteration: string | undefined, common: string | null): number[] | undefined {
  if (iteration === undefined) return undefined;
  if (common === null) return iteration.split('.').map(Number);
  return iteration.startsWith(`${common}.`)
    ? iteration
        .slice(common.length + 1)
        .split('.')
        .map(Number)
    : undefined;
}
