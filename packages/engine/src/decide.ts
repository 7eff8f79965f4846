/**
 * The core that decides: from what the log says and the time, what has to happen next (rules D1 to D10). It changes
 * nothing. The shell obeys each command in order and folds the event it names or leads to; no command of an answer
 * spoils another of the same answer, and one that was obeyed does not come back, so "decide, obey, repeat until nothing
 * is answered" ends.
 */
import type { NewEvent } from '@millrace/contracts';
import { EngineError } from './error.js';
import {
  delayCompleted,
  failedEvent,
  stepCompleted,
  stepDiscarded,
  stepFailed,
  stepSkipped,
  timedOutEvent,
  type EventOf,
} from './events.js';
import { completedEvent } from './finish.js';
import { pinnedBranch } from './graph/check-nodes.js';
import { outcomeUnknown } from './recovery.js';
import { STEP_ERROR_CODES } from './retry.js';
import { planStepAt, stepStateAt } from './state/access.js';
import type { PlanStep } from './graph/plan.js';
import type { EpochMs, ExecutionState } from './state/state.js';

export type Command =
  /** Run this attempt now: resolve configuration and input, fold `stepStarted`, run, and fold what `settle` answers. */
  | { readonly type: 'start'; readonly step: PlanStep; readonly attempt: number }
  /** A fact that needs no work: fold it. */
  | { readonly type: 'append'; readonly event: NewEvent }
  /** Abort the running attempt and fold `event` at once; its late outcome is recorded nowhere (`settle` answers null). */
  | {
      readonly type: 'abort';
      readonly step: PlanStep;
      readonly attempt: number;
      readonly reason: AbortReason;
      readonly event: EventOf<'step_discarded'>;
    }
  /** Nothing runs and nothing can before `wakeAt`: give the slot back (`waitingEvent`), or keep it for a short wait. */
  | { readonly type: 'suspend'; readonly wakeAt: EpochMs | null; readonly stepIds: readonly string[] }
  /** The end. Fold the event; the state is terminal then. */
  | { readonly type: 'finish'; readonly event: EventOf<'completed' | 'failed' | 'timed_out'> };

export type AbortReason = 'join' | 'execution_failed' | 'execution_timeout';

export interface DecideOptions {
  /** At most so many `start` commands: what the shell can run at once. Zero still answers everything else. */
  readonly maxStarts?: number;
}

const NOTHING: readonly Command[] = [];

/**
 * What to do now. Empty unless the execution is running, and while there is nothing to do but wait for attempts that
 * are running; look again when one settles, or at `nextDueAt(state)`.
 */
export function decide(state: ExecutionState, now: EpochMs, options?: DecideOptions): readonly Command[] {
  if (state.status !== 'running') return NOTHING;
  const end = deadline(state);
  if (end !== null && now >= end) {
    return [...aborts(state, 'execution_timeout'), { type: 'finish', event: timedOutEvent(state) }];
  }
  if (state.failure !== null) {
    return [...aborts(state, 'execution_failed'), { type: 'finish', event: failedEvent(state.failure) }];
  }
  const facts = nextFacts(state, now);
  if (facts.length > 0) return facts;
  const commands = startable(state, now, options?.maxStarts ?? Infinity);
  if (commands.length > 0 || state.running.size > 0 || state.ready.size > 0) return commands;
  if (state.timers.size > 0) return hasDueTimer(state, now) ? NOTHING : [suspend(state)];
  if (state.settled.length === state.steps.length) {
    return [{ type: 'finish', event: completedEvent(state) }];
  }
  throw new EngineError('stuck', 'D10', 'Nothing runs, nothing waits, and steps are left');
}

/** When the execution's time is up; null without a limit or before its start. */
export function deadline(state: ExecutionState): EpochMs | null {
  if (state.startedAt === null || state.plan.timeoutMs === null) return null;
  return state.startedAt + state.plan.timeoutMs;
}

/** When `decide` may answer something new although no event came: a sleeper, a retry or the deadline. Null: never. */
export function nextDueAt(state: ExecutionState): EpochMs | null {
  let nearest = deadline(state);
  for (const index of state.timers) {
    const { dueAt } = stepStateAt(state, index);
    if (dueAt !== null && (nearest === null || dueAt < nearest)) nearest = dueAt;
  }
  return nearest;
}

function suspend(state: ExecutionState): Command {
  const stepIds = Array.from(state.timers, (index) => planStepAt(state, index).id);
  return { type: 'suspend', wakeAt: nextDueAt(state), stepIds };
}

function aborts(state: ExecutionState, reason: AbortReason): Command[] {
  return Array.from(state.running, (index) => abort(state, index, reason));
}

function abort(state: ExecutionState, index: number, reason: AbortReason): Command {
  const step = planStepAt(state, index);
  const { attempt } = stepStateAt(state, index);
  return { type: 'abort', step, attempt, reason, event: stepDiscarded(state, step, reason) };
}

function giveUp(state: ExecutionState, index: number): Command {
  if (state.running.has(index)) return abort(state, index, 'join');
  const step = planStepAt(state, index);
  const isBegun = stepStateAt(state, index).status !== 'pending';
  return {
    type: 'append',
    event: isBegun ? stepDiscarded(state, step, 'join') : stepSkipped(state, step, 'join'),
  };
}

function factOf(state: ExecutionState, index: number): NewEvent {
  const step = planStepAt(state, index);
  const current = stepStateAt(state, index);
  if (current.isInterrupted) return outcomeUnknown(state, step);
  switch (current.verdict) {
    case 'skip_branch':
      return stepSkipped(state, step, 'branch');
    case 'skip_upstream':
      return stepSkipped(state, step, 'upstream');
    case 'fail_join': {
      const message = 'No predecessor completed, and at least one failed';
      const error = {
        code: STEP_ERROR_CODES.joinFailed,
        message,
        fault: 'workflow',
        retryable: false,
      } as const;
      return stepFailed(state, step, 0, error, 0);
    }
    case 'run':
    case 'undecided': {
      if (step.disabled) return stepSkipped(state, step, 'disabled');
      const output = step.pinnedOutput ?? null;
      const branch = pinnedBranch(step.ports, output) ?? undefined;
      return stepCompleted(state, step, { attempt: 0, durationMs: 0, output, branch });
    }
  }
}

/**
 * Facts that can be folded one after the other. A skip cannot make a join fire, so skips come together; any other fact
 * may, and give up steps that had facts or starts of their own, so it comes alone.
 */
function nextFacts(state: ExecutionState, now: EpochMs): Command[] {
  const commands: Command[] = [];
  for (const index of state.losers) commands.push(giveUp(state, index));
  for (const index of state.facts) {
    const isSkip = stepStateAt(state, index).verdict.startsWith('skip');
    if (!isSkip && commands.length > 0) break;
    commands.push({ type: 'append', event: factOf(state, index) });
    if (!isSkip) break;
  }
  if (commands.length > 0) return commands;
  for (const index of state.timers) {
    const { status, dueAt } = stepStateAt(state, index);
    if (status === 'sleeping' && dueAt !== null && dueAt <= now) {
      return [{ type: 'append', event: delayCompleted(state, index, now) }];
    }
  }
  return commands;
}

/** Retries that are due, then what is ready. */
function startable(state: ExecutionState, now: EpochMs, maxStarts: number): Command[] {
  const commands: Command[] = [];
  if (maxStarts <= 0) return commands;
  for (const index of state.timers) {
    const { status, dueAt, attempt } = stepStateAt(state, index);
    if (status !== 'retrying' || dueAt === null || dueAt > now) continue;
    commands.push({ type: 'start', step: planStepAt(state, index), attempt: attempt + 1 });
    if (commands.length >= maxStarts) return commands;
  }
  for (const index of state.ready) {
    const attempt = stepStateAt(state, index).attempt + 1;
    commands.push({ type: 'start', step: planStepAt(state, index), attempt });
    if (commands.length >= maxStarts) return commands;
  }
  return commands;
}

/**
 * May this attempt still be started? For a shell that does something asynchronous between a `start` command and
 * folding its `stepStarted`: meanwhile a join may have given the step up, or the execution have ended.
 */
export function canStart(state: ExecutionState, step: PlanStep, attempt: number): boolean {
  if (state.status !== 'running' || state.failure !== null) return false;
  const current = stepStateAt(state, step.index);
  if (current.isAbandoned || current.attempt !== attempt - 1) return false;
  return state.ready.has(step.index) || current.status === 'retrying';
}

function hasDueTimer(state: ExecutionState, now: EpochMs): boolean {
  for (const index of state.timers) {
    const { dueAt } = stepStateAt(state, index);
    if (dueAt !== null && dueAt <= now) return true;
  }
  return false;
}
