/**
 * How an outcome travels along the edges (rules J1 to J6, K1 to K5). Everything here costs the edges of the step that
 * changed, and for a join that fires the edges of its losers.
 */
import { ERROR_PORT } from '../graph/check-edges.js';
import { stepAt } from './access.js';
import { isSettled, isUnderWay, stopFrame, underWayIn } from './frames.js';
import type { PlanEdge } from '../graph/plan.js';
import type { AbandonReason, ExecutionState, Frame, StepState } from './state.js';

/** Is an edge taken, now that its source is settled? */
function isTaken(source: StepState, edge: PlanEdge): boolean {
  switch (source.status) {
    case 'completed':
      return edge.port === source.branch;
    case 'failed':
      if (source.handling === 'continue') return edge.port === null;
      return source.handling === 'error' && edge.port === ERROR_PORT;
    case 'skipped':
      // A disabled step, or one skipped by hand, lets the flow through; out of a choice it is the first port.
      return (
        (source.reason === 'disabled' || source.reason === 'manual') &&
        edge.port === (source.step.ports[0] ?? null)
      );
    default:
      return false;
  }
}

/** Tells the successors of a settled step what became of it. */
export function resolveEdges(state: ExecutionState, source: StepState): void {
  const { frame } = source;
  for (const edgeIndex of source.step.outgoing) {
    const edge = frame.graph.edges[edgeIndex];
    if (edge === undefined) continue;
    const target = stepAt(frame, edge.target);
    target.unresolved -= 1;
    if (isTaken(source, edge)) target.taken += 1;
    else if (source.status === 'failed') target.failedSources += 1;
    else if (source.status === 'completed') target.refused += 1;
    if (target.verdict === 'undecided') judge(state, target);
  }
}

export function decideRoots(state: ExecutionState, frame: Frame): void {
  for (const index of frame.graph.roots) judge(state, stepAt(frame, index));
}

/** Decides a step if its edges allow it by now. */
function judge(state: ExecutionState, target: StepState): void {
  const { step } = target;
  if (step.join === 'any' && target.taken > 0) {
    permit(state, target);
    abandonLosers(state, target);
    return;
  }
  if (target.unresolved > 0) return;
  if (target.taken > 0 || step.incoming.length === 0) {
    permit(state, target);
    return;
  }
  if (step.join === 'any' && target.failedSources > 0) target.verdict = 'fail_join';
  else target.verdict = target.refused + target.failedSources > 0 ? 'skip_branch' : 'skip_upstream';
  if (isOpen(target)) state.facts.add(target);
}

function permit(state: ExecutionState, target: StepState): void {
  target.verdict = 'run';
  if (!isOpen(target)) return;
  if (target.step.disabled || target.step.pinnedOutput !== undefined) state.facts.add(target);
  else state.ready.add(target);
}

/** Neither begun, nor settled out of turn (reused, or skipped by hand), nor given up. */
function isOpen(target: StepState): boolean {
  return target.status === 'pending' && target.abandoned === null && target.frame.failure === null;
}

/**
 * Gives up every unsettled step whose every way forward leads through the join that fired: backwards from the join, a
 * step belongs to them once all its successors do.
 */
function abandonLosers(state: ExecutionState, join: StepState): void {
  const covered = new Map<number, number>();
  const pending: StepState[] = [join];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const index of at.step.dependencies) {
      const count = (covered.get(index) ?? 0) + 1;
      covered.set(index, count);
      const loser = stepAt(join.frame, index);
      if (count < loser.step.dependents.length) continue;
      pending.push(loser);
      if (!isSettled(loser)) abandon(state, loser, 'join');
    }
  }
}

/** Gives up a step and all that is under way in its iterations. Each gets its own event. */
export function abandon(state: ExecutionState, step: StepState, reason: AbandonReason): void {
  for (const frame of step.loop?.frames.values() ?? []) stopFrame(state, frame);
  for (const given of isUnderWay(step) ? underWayIn(step) : [step]) {
    given.abandoned ??= reason;
    state.ready.delete(given);
    state.facts.delete(given);
    state.losers.add(given);
  }
}
