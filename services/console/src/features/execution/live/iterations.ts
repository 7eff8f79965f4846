import type { EventData } from '@millrace/contracts';
import { isSettled, stepKey, type ExecutionView, type IterationsView, type StepView } from './view';

type Draft = Pick<ExecutionView, 'structure'> & { readonly steps: Map<string, StepView> };

/** `"3.0"` is iteration 0 of a body in iteration 3 of the one around it. */
export function iterationAround(iteration: string): {
  readonly outer: string | null;
  readonly index: number;
} {
  const cut = iteration.lastIndexOf('.');
  return { outer: cut < 0 ? null : iteration.slice(0, cut), index: Number(iteration.slice(cut + 1)) };
}

/** The key of the step whose body the step is in; undefined at the top level. */
export function ownerKey(
  { structure }: Pick<ExecutionView, 'structure'>,
  { stepId, iteration }: Pick<StepView, 'stepId' | 'iteration'>,
): string | undefined {
  const within = structure.get(stepId)?.within ?? null;
  if (within === null || iteration === null) return undefined;
  return stepKey(within, iterationAround(iteration).outer);
}

export function iterationsOf(
  loop: NonNullable<EventData<'step_started'>['loop']>,
  kind: string,
): IterationsView {
  return {
    first: loop.offset ?? 0,
    partSize: loop.shard_size ?? null,
    total: loop.count ?? null,
    // The first iteration of a repeat has no event of its own, unless a condition is asked before.
    begun: kind === 'repeat' ? 1 : 0,
    ended: 0,
    failed: 0,
  };
}

/** A part of a map in child executions has ended. */
export function endPart(iterations: IterationsView, part: number, hasFailed: boolean): IterationsView {
  const { total, partSize, ended, failed } = iterations;
  const size = partSize === null || total === null ? 1 : Math.min(partSize, total - part * partSize);
  const after = { ended: ended + size, failed: failed + (hasFailed ? size : 0) };
  return { ...iterations, ...after, begun: Math.max(iterations.begun, after.ended) };
}

/** Counts at the owner what a step of an iteration did: the log has no event for the end of an iteration. */
export function noteIteration(draft: Draft, before: StepView, after: StepView): void {
  const key = ownerKey(draft, after);
  const owner = key === undefined ? undefined : draft.steps.get(key);
  if (owner === undefined || after.iteration === null || before.status === after.status) return;
  const { iterations } = owner;
  if (iterations === null) return;
  // They begin in their order.
  const begun = Math.max(iterations.begun, iterationAround(after.iteration).index - iterations.first + 1);
  const end = endOf(draft, owner, after);
  const ended = iterations.ended + (end === null ? 0 : 1);
  const failed = iterations.failed + (end === 'failed' ? 1 : 0);
  draft.steps.set(owner.key, { ...owner, iterations: { ...iterations, begun, ended, failed } });
}

/** How the iteration ended with this change of one of its steps; null where it goes on. */
function endOf(draft: Draft, owner: StepView, after: StepView): 'completed' | 'failed' | null {
  const place = draft.structure.get(owner.stepId);
  if (place === undefined || !isSettled(after)) return null;
  const steps = place.body.map((id) => draft.steps.get(stepKey(id, after.iteration)));
  const hasFailed = steps.some((step) => step?.status === 'failed' && step.handling === 'fail');
  // A failure that is not handled ends the iteration; what has not begun stays as it is.
  if (hasFailed) return after.handling === 'fail' ? 'failed' : null;
  return steps.every((step) => step !== undefined && isSettled(step)) ? 'completed' : null;
}
