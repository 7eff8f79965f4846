import { EngineError } from '../error.js';
import { placeBody } from './place-body.js';
import type { Graph, Plan, PlanStep } from './plan.js';

/**
 * The plan of a child execution that runs a part of a map: that one step, without what stands around it. Its `fail`
 * goes to the parent, where the map's own handling applies.
 */
export function partPlan(plan: Plan, stepId: string): Plan {
  const step = plan.stepOf.get(stepId);
  if (step?.body === null || step === undefined) {
    throw new EngineError('unknown_step', 'L7', `The plan has no step "${stepId}" with a body`);
  }
  const stepOf = new Map<string, PlanStep>();
  const alone: PlanStep & { body: Graph | null } = {
    ...step,
    index: 0,
    onError: 'fail',
    join: 'all',
    disabled: false,
    pinnedOutput: undefined,
    timeoutMs: null,
    incoming: [],
    outgoing: [],
    dependencies: [],
    dependents: [],
    within: [],
    isInOnFailure: false,
    body: null,
  };
  alone.body = placeBody(step.body, [alone], stepOf, { isInOnFailure: false });
  stepOf.set(alone.id, alone);
  return {
    name: plan.name,
    steps: [alone],
    edges: [],
    roots: [0],
    leaves: [0],
    templates: [],
    stepOf,
    timeoutMs: null,
    onFailure: null,
    // Its calls go to the account of the whole.
    budget: null,
  };
}
