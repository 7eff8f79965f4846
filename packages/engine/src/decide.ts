/**
 * The core that decides: from what the log says and the time, what has to happen next (rules D1 to D10). It changes
 * nothing. The shell obeys each command in order and folds the event it names or leads to; no command of an answer
 * spoils another of the same answer, and one that was obeyed does not come back, so "decide, obey, repeat until nothing
 * is answered" ends.
 */
import type { NewEvent } from '@millrace/contracts';
import { giveUp, inOrder, type Command } from './command.js';
import { EngineError } from './error.js';
import { dueCommand } from './due.js';
import { stepCompleted, stepFailed, stepSkipped, timeoutError } from './events.js';
import { completedEvent, handledEvent, unsuccessfulEvent } from './finish.js';
import { pinnedBranch } from './graph/check-nodes.js';
import { nextOfLoop } from './iterate.js';
import { uncertainFact } from './recovery.js';
import { STEP_ERROR_CODES } from './retry.js';
import { isUnderWay, underWay } from './state/frames.js';
import { timerAt } from './state/outcomes.js';
import type { AbandonReason, EpochMs, ExecutionState, StepState } from './state/state.js';

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
  const ending = state.handler === null ? endOfRun(state, now) : endOfHandler(state, now);
  if (ending !== null) return inOrder(ending);
  const facts = nextFacts(state, now);
  if (facts.length > 0) return inOrder(facts);
  const commands = startable(state, now, options?.maxStarts ?? Infinity);
  if (commands.length > 0 || state.running.size > 0 || state.ready.size > 0) return commands;
  if (state.timers.size > 0 || state.waits.size > 0) {
    return hasDueTimer(state, now) ? NOTHING : [suspend(state)];
  }
  const { frame } = state.handler ?? { frame: state.root };
  if (frame.settled.length === frame.steps.length) {
    const event = state.handler === null ? completedEvent(state) : handledEvent(state.handler, { ok: true });
    return [{ type: 'finish', event }];
  }
  throw new EngineError('stuck', 'D10', 'Nothing runs, nothing waits, and steps are left');
}

/** When the execution's time is up, or that of its `on_failure`; null without a limit or before its start. */
export function deadline(state: ExecutionState): EpochMs | null {
  const { plan, handler, startedAt } = state;
  if (handler !== null) return handler.startedAt + (plan.onFailure?.timeoutMs ?? 0);
  return startedAt === null || plan.timeoutMs === null ? null : startedAt + plan.timeoutMs;
}

/** When `decide` may answer something new although no event came: a timer or the deadline. Null: never. */
export function nextDueAt(state: ExecutionState): EpochMs | null {
  let nearest = deadline(state);
  for (const step of state.timers) {
    const at = timerAt(step);
    if (at !== null && (nearest === null || at < nearest)) nearest = at;
  }
  return nearest;
}

function isPast(at: EpochMs | null, now: EpochMs): boolean {
  return at !== null && now >= at;
}

/** Rules D7 and T2: what is under way is given up, then the execution ends, or `on_failure` begins. */
function endOfRun(state: ExecutionState, now: EpochMs): Command[] | null {
  const isTimedOut = isPast(deadline(state), now);
  if (!isTimedOut && state.failure === null) return null;
  const event = unsuccessfulEvent(state, isTimedOut);
  const reason = isTimedOut ? 'execution_timeout' : 'execution_failed';
  const last: Command = event.type === 'failing' ? { type: 'append', event } : { type: 'finish', event };
  return [...giveUpAll(state, reason), last];
}

/** Rules H2 and H3. */
function endOfHandler(state: ExecutionState, now: EpochMs): Command[] | null {
  const { handler } = state;
  if (handler === null) return null;
  const isTimedOut = isPast(deadline(state), now);
  if (!isTimedOut && handler.frame.failure === null) return null;
  const error = handler.frame.failure ?? timeoutError('on_failure', state.plan.onFailure?.timeoutMs ?? 0);
  const event = handledEvent(handler, { ok: false, error });
  return [...giveUpAll(state, 'execution_failed'), { type: 'finish', event }];
}

function giveUpAll(state: ExecutionState, reason: AbandonReason): Command[] {
  const { frame } = state.handler ?? { frame: state.root };
  return underWay(frame).map((step) => giveUp(state, step, reason));
}

function suspend(state: ExecutionState): Command {
  const ids = new Set<string>();
  for (const steps of [state.waits, state.timers]) for (const { step } of steps) ids.add(step.id);
  return { type: 'suspend', wakeAt: nextDueAt(state), stepIds: [...ids] };
}

function factOf(state: ExecutionState, current: StepState, now: EpochMs): Command {
  const { step } = current;
  if (current.loop !== null) return nextOfLoop(state, current, current.loop, now);
  if (current.isInterrupted) return { type: 'append', event: uncertainFact(state, current) };
  return { type: 'append', event: factOfPending(state, current, step.disabled) };
}

function factOfPending(state: ExecutionState, current: StepState, isDisabled: boolean): NewEvent {
  const { step, verdict } = current;
  switch (verdict) {
    case 'skip_branch':
      return stepSkipped(state, current, 'branch');
    case 'skip_upstream':
      return stepSkipped(state, current, 'upstream');
    case 'fail_join': {
      const message = 'No predecessor completed, and at least one failed';
      const error = {
        code: STEP_ERROR_CODES.joinFailed,
        message,
        fault: 'workflow',
        retryable: false,
      } as const;
      return stepFailed(state, current, 0, { error, durationMs: 0 });
    }
    case 'run':
    case 'undecided': {
      if (isDisabled) return stepSkipped(state, current, 'disabled');
      const output = step.pinnedOutput ?? null;
      const branch = pinnedBranch(step.ports, output) ?? undefined;
      return stepCompleted(state, current, { attempt: 0, durationMs: 0, output, branch });
    }
  }
}

/**
 * Facts that can be folded one after the other. A skip cannot make a join fire, so skips come together; any other fact
 * may, and give up steps that had facts or starts of their own, so it comes alone.
 */
function nextFacts(state: ExecutionState, now: EpochMs): Command[] {
  const given = givenUp(state);
  if (given.length > 0) return given;
  const commands: Command[] = [];
  for (const step of state.facts) {
    const isSkip = step.status === 'pending' && step.verdict.startsWith('skip');
    if (!isSkip && commands.length > 0) break;
    commands.push(factOf(state, step, now));
    if (!isSkip) break;
  }
  if (commands.length > 0) return commands;
  for (const step of state.timers) {
    if (step.status !== 'retrying' && isPast(timerAt(step), now)) return dueCommand(state, step, now);
  }
  return commands;
}

/**
 * Those that never began come first and by themselves: giving up what is under way may end an iteration, which may fail
 * its map and with it other iterations, where steps that never began are then spoken of no more.
 */
function givenUp(state: ExecutionState): Command[] {
  const losers = [...state.losers];
  const unbegun = losers.filter((step) => !isUnderWay(step));
  return (unbegun.length > 0 ? unbegun : losers).map((step) => giveUp(state, step, 'join'));
}

/** Retries that are due, then what is ready. */
function startable(state: ExecutionState, now: EpochMs, maxStarts: number): Command[] {
  const commands: Command[] = [];
  if (maxStarts <= 0) return commands;
  for (const step of state.timers) {
    if (step.status !== 'retrying' || !isPast(step.dueAt, now)) continue;
    commands.push({ type: 'start', step, attempt: step.attempt + 1 });
    if (commands.length >= maxStarts) return commands;
  }
  for (const step of state.ready) {
    commands.push({ type: 'start', step, attempt: step.attempt + 1 });
    if (commands.length >= maxStarts) return commands;
  }
  return commands;
}

/**
 * May this attempt still be started? For a shell that does something asynchronous between a `start` command and
 * folding its `stepStarted`: meanwhile a join may have given the step up, or the execution have ended.
 */
export function canStart(state: ExecutionState, step: StepState, attempt: number): boolean {
  if (state.status !== 'running' || step.frame.failure !== null) return false;
  if (step.abandoned !== null || step.attempt !== attempt - 1) return false;
  return state.ready.has(step) || step.status === 'retrying';
}

/** The same for a `collect` command: is the step's output still wanted? */
export function canCollect(state: ExecutionState, step: StepState): boolean {
  return state.status === 'running' && state.facts.has(step);
}

function hasDueTimer(state: ExecutionState, now: EpochMs): boolean {
  for (const step of state.timers) if (isPast(timerAt(step), now)) return true;
  return false;
}
