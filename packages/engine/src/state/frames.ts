import type { Scope } from '../expressions/scope.js';
import type { Graph, PlanStep } from '../graph/plan.js';
import type { ExecutionState, Frame, StepState } from './state.js';

function pendingStep(step: PlanStep, frame: Frame): StepState {
  return {
    step,
    frame,
    status: 'pending',
    verdict: 'undecided',
    attempt: 0,
    failures: 0,
    unresolved: step.incoming.length,
    taken: 0,
    refused: 0,
    failedSources: 0,
    firstStartedAt: 0,
    startedAt: 0,
    dueAt: null,
    branch: null,
    handling: null,
    reason: null,
    error: null,
    outputRef: null,
    abandoned: null,
    isInterrupted: false,
    wait: null,
    loop: null,
  };
}

export function frameOf(
  graph: Graph,
  scope: Scope,
  { owner, index, iteration }: Pick<Frame, 'owner' | 'index' | 'iteration'>,
): Frame {
  const steps: StepState[] = [];
  const frame: Frame = {
    graph,
    scope,
    owner,
    index,
    iteration,
    steps,
    settled: [],
    begun: 0,
    failure: null,
  };
  for (const step of graph.steps) steps.push(pendingStep(step, frame));
  return frame;
}

/** Takes a step out of every set that says what may happen to it. */
export function leaveSets(state: ExecutionState, step: StepState): void {
  state.ready.delete(step);
  state.facts.delete(step);
  state.running.delete(step);
  state.timers.delete(step);
  state.waits.delete(step);
}

export function isSettled({ status }: StepState): boolean {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'skipped':
    case 'discarded':
      return true;
    default:
      return false;
  }
}

/** Has an attempt, sleeps, waits, or goes through its iterations. */
export function isUnderWay({ status }: StepState): boolean {
  return status === 'running' || status === 'sleeping' || status === 'retrying' || status === 'waiting';
}

/** The steps of a frame and of the frames below it that have begun and are not settled, the inner ones first. */
export function underWay(frame: Frame): StepState[] {
  const found: StepState[] = [];
  collect(frame, found);
  return found;
}

function collect(frame: Frame, found: StepState[]): void {
  if (frame.begun === 0) return;
  for (const step of frame.steps) if (isUnderWay(step)) collectWithin(step, found);
}

function collectWithin(step: StepState, found: StepState[]): void {
  for (const inner of step.loop?.frames.values() ?? []) collect(inner, found);
  found.push(step);
}

/** A step under way and all that is under way in its iterations, the inner ones first. */
export function underWayIn(step: StepState): StepState[] {
  const found: StepState[] = [];
  collectWithin(step, found);
  return found;
}

/**
 * Lets nothing further happen in a frame and below it but the ends of what is under way. What a join gave up before it
 * began stays pending then, like everything else that has not begun.
 */
export function stopFrame(state: ExecutionState, frame: Frame): void {
  for (const step of frame.steps) {
    state.ready.delete(step);
    state.facts.delete(step);
    if (!isUnderWay(step)) state.losers.delete(step);
    for (const inner of step.loop?.frames.values() ?? []) stopFrame(state, inner);
  }
}
