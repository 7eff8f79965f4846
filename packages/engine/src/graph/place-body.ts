import type { Graph, PlanStep } from './plan.js';

/** A body under other owners: its steps, and those of bodies within it, know where they are. All of them enter `stepOf`. */
export function placeBody(
  graph: Graph,
  owners: readonly PlanStep[],
  stepOf: Map<string, PlanStep>,
  place: Partial<Pick<PlanStep, 'isInOnFailure'>> = {},
): Graph {
  const steps = graph.steps.map((step) => {
    const placed: PlanStep & { body: Graph | null } = { ...step, ...place, within: owners };
    if (step.body !== null) placed.body = placeBody(step.body, [...owners, placed], stepOf, place);
    stepOf.set(placed.id, placed);
    return placed;
  });
  return { ...graph, steps };
}
