/**
 * How an outcome travels along the edges (rules J1 to J6, K1 to K5). Everything here costs the edges of the step that
 * changed, and for a join that fires the edges of its losers.
 */
import { ERROR_PORT } from '../graph/check-edges.js';
import { planStepAt, stepStateAt } from './access.js';
import type { PlanEdge, PlanStep } from '../graph/plan.js';
import type { ExecutionState, StepState } from './state.js';

/** Is an edge taken, now that its source is settled? */
function isTaken(step: PlanStep, outcome: StepState, edge: PlanEdge): boolean {
  switch (outcome.status) {
    case 'completed':
      return edge.port === outcome.branch;
    case 'failed':
      if (outcome.handling === 'continue') return edge.port === null;
      return outcome.handling === 'error' && edge.port === ERROR_PORT;
    case 'skipped':
      // A disabled step lets the flow through; out of a choice it is the first port.
      return outcome.reason === 'disabled' && edge.port === (step.ports[0] ?? null);
    default:
      return false;
  }
}

/** Tells the successors of a settled step what became of it. */
export function resolveEdges(state: ExecutionState, step: PlanStep): void {
  const outcome = stepStateAt(state, step.index);
  for (const edgeIndex of step.outgoing) {
    const edge = state.plan.edges[edgeIndex];
    if (edge === undefined) continue;
    const target = stepStateAt(state, edge.target);
    target.unresolved -= 1;
    if (isTaken(step, outcome, edge)) target.taken += 1;
    else if (outcome.status === 'failed') target.failedSources += 1;
    else if (outcome.status === 'completed') target.refused += 1;
    if (target.verdict === 'undecided') judge(state, planStepAt(state, edge.target), target);
  }
}

export function decideRoots(state: ExecutionState): void {
  for (const index of state.plan.roots) judge(state, planStepAt(state, index), stepStateAt(state, index));
}

/** Decides a step if its edges allow it by now. */
function judge(state: ExecutionState, step: PlanStep, target: StepState): void {
  if (step.join === 'any' && target.taken > 0) {
    permit(state, step, target);
    abandonLosers(state, step);
    return;
  }
  if (target.unresolved > 0) return;
  if (target.taken > 0 || step.incoming.length === 0) {
    permit(state, step, target);
    return;
  }
  if (step.join === 'any' && target.failedSources > 0) target.verdict = 'fail_join';
  else target.verdict = target.refused + target.failedSources > 0 ? 'skip_branch' : 'skip_upstream';
  if (isOpen(target)) state.facts.add(step.index);
}

function permit(state: ExecutionState, step: PlanStep, target: StepState): void {
  target.verdict = 'run';
  if (!isOpen(target)) return;
  if (step.disabled || step.pinnedOutput !== undefined) state.facts.add(step.index);
  else state.ready.add(step.index);
}

/** Neither begun, nor settled out of turn (a reused output), nor a loser. */
function isOpen(target: StepState): boolean {
  return target.status === 'pending' && !target.isAbandoned;
}

/**
 * Gives up every unsettled step whose every way forward leads through the join that fired: backwards from the join, a
 * step belongs to them once all its successors do.
 */
function abandonLosers(state: ExecutionState, join: PlanStep): void {
  const covered = new Map<number, number>();
  const pending: PlanStep[] = [join];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    for (const index of step.dependencies) {
      const count = (covered.get(index) ?? 0) + 1;
      covered.set(index, count);
      const loser = planStepAt(state, index);
      if (count < loser.dependents.length) continue;
      pending.push(loser);
      abandon(state, loser);
    }
  }
}

function abandon(state: ExecutionState, loser: PlanStep): void {
  const outcome = stepStateAt(state, loser.index);
  if (isSettled(outcome)) return;
  outcome.isAbandoned = true;
  state.ready.delete(loser.index);
  state.facts.delete(loser.index);
  state.losers.add(loser.index);
}

export function isSettled(step: StepState): boolean {
  switch (step.status) {
    case 'completed':
    case 'failed':
    case 'skipped':
    case 'discarded':
      return true;
    default:
      return false;
  }
}
