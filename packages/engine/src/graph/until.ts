import { EngineError } from '../error.js';
import { placeBody } from './place-body.js';
import type { Graph, Plan, PlanEdge, PlanStep } from './plan.js';

/** The id of a step of the workflow itself: none in a body, none of `on_failure`. */
export function isTopLevelStep(plan: Plan, stepId: string): boolean {
  const step = plan.stepOf.get(stepId);
  return step !== undefined && plan.steps[step.index] === step;
}

/**
 * The plan of an execution that runs to a step: that step and all from which a path leads to it (rules P1 to P3). The plan
 * itself where that is every step. Linear in its steps and edges; bodies are copied, configurations are shared.
 */
export function planUntil(plan: Plan, stepId: string): Plan {
  if (!isTopLevelStep(plan, stepId)) {
    throw new EngineError('unknown_step', 'P1', `The plan has no step "${stepId}" at the top level`);
  }
  const kept = withAncestors(plan, stepId);
  if (kept.size === plan.steps.length) return plan;

  const indexOf = new Map<number, number>();
  for (const { index } of plan.steps) if (kept.has(index)) indexOf.set(index, indexOf.size);
  const edgeOf = new Map<number, number>();
  const edges: PlanEdge[] = [];
  plan.edges.forEach((edge, position) => {
    const source = indexOf.get(edge.source);
    const target = indexOf.get(edge.target);
    if (source === undefined || target === undefined) return;
    edgeOf.set(position, edges.length);
    edges.push({ ...edge, source, target });
  });

  const stepOf = new Map<string, PlanStep>();
  const steps: PlanStep[] = [];
  for (const step of plan.steps) {
    const index = indexOf.get(step.index);
    if (index === undefined) continue;
    const left: PlanStep & { body: Graph | null } = {
      ...step,
      index,
      incoming: renumbered(step.incoming, edgeOf),
      outgoing: renumbered(step.outgoing, edgeOf),
      dependencies: renumbered(step.dependencies, indexOf),
      dependents: renumbered(step.dependents, indexOf),
    };
    if (step.body !== null) left.body = placeBody(step.body, [left], stepOf);
    steps.push(left);
    stepOf.set(left.id, left);
  }
  for (const [id, step] of plan.stepOf) if (step.isInOnFailure) stepOf.set(id, step);
  return {
    ...plan,
    ...{ steps, edges, stepOf },
    roots: steps.filter(({ incoming }) => incoming.length === 0).map(({ index }) => index),
    leaves: steps.filter(({ outgoing }) => outgoing.length === 0).map(({ index }) => index),
    templates: [],
  };
}

/** Positions in the plan. */
function withAncestors({ steps, stepOf }: Plan, stepId: string): ReadonlySet<number> {
  const kept = new Set<number>();
  const pending = [stepOf.get(stepId)?.index];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (kept.has(next)) continue;
    kept.add(next);
    pending.push(...(steps[next]?.dependencies ?? []));
  }
  return kept;
}

/** What is left out is not in the map. */
function renumbered(positions: readonly number[], to: ReadonlyMap<number, number>): number[] {
  return positions.flatMap((position) => to.get(position) ?? []);
}
