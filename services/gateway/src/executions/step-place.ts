import { isTopLevelStep, type Plan } from '@millrace/engine';
import { invalidRequest } from '@millrace/service-kit';

/** Where in the definition a step stands; undefined when it is nowhere. */
export function placeOf(plan: Plan, stepId: string): 'top' | 'body' | undefined {
  const step = plan.stepOf.get(stepId);
  if (step === undefined) return undefined;
  return step.within.length === 0 ? 'top' : 'body';
}

/** Why an execution cannot begin at a step, or run to it; undefined when it can: it is one of the workflow itself. */
export function misplaced(plan: Plan, stepId: string): string | undefined {
  if (isTopLevelStep(plan, stepId)) return undefined;
  const place = placeOf(plan, stepId);
  if (place === undefined) return `this version of the workflow has no step ${stepId}`;
  return place === 'body'
    ? `step ${stepId} is in a body: name the step that holds the body`
    : `step ${stepId} belongs to on_failure, which runs when an execution fails`;
}

/** 422 unless an execution can run to the step. */
export function requireStepToRunTo(plan: Plan, stepId: string): void {
  const msg = misplaced(plan, stepId);
  if (msg === undefined) return;
  throw invalidRequest([{ loc: ['body', 'until_step'], msg, type: 'unknown_step' }]);
}
