/** What each event of a step does to the state. Whether the event is legal has been decided before (`fold`). */
import type { BlobReference, EventData, JsonValue, Usage } from '@millrace/contracts';
import { EngineError } from '../error.js';
import { isUnderWay, leaveSets } from './frames.js';
import { resolveEdges } from './joins.js';
import { recordJson } from '../expressions/json.js';
import { beginLoop, endIterationWhenDone, failFrame, letGoOfLoop } from './loops.js';
import { addUsage } from './usage.js';
import type { ScopeStep } from '../expressions/scope.js';
import type { EpochMs, ExecutionState, Frame, SkipReason, StepState } from './state.js';

export function begin(
  state: ExecutionState,
  current: StepState,
  data: EventData<'step_started'>,
  at: EpochMs,
): void {
  if (current.attempt === 0) current.firstStartedAt = at;
  if (current.status === 'pending') current.frame.begun += 1;
  current.attempt = data.attempt;
  current.startedAt = at;
  current.isInterrupted = false;
  leaveSets(state, current);
  current.dueAt = data.due_at === undefined ? null : Date.parse(data.due_at);
  if (data.wait !== undefined) {
    current.wait = data.wait;
    current.status = 'waiting';
    state.waits.add(current);
  } else if (data.loop !== undefined) {
    current.status = 'running';
    beginLoop(state, current, data.loop);
  } else if (data.due_at === undefined) {
    current.status = 'running';
    state.running.add(current);
  } else {
    current.status = 'sleeping';
  }
  if (timerAt(current) !== null) state.timers.add(current);
}

/**
 * When something happens to a step although no event comes; null: never. A person who is asked about an attempt that
 * is over may take as long as they like.
 */
export function timerAt({ status, step, startedAt, dueAt, loop, wait }: StepState): EpochMs | null {
  const isWaiting = status === 'waiting' && wait?.type !== 'verdict';
  const isLimited = status === 'sleeping' || isWaiting || loop !== null;
  if (!isLimited || step.timeoutMs === null) return dueAt;
  const limit = startedAt + step.timeoutMs;
  return dueAt === null ? limit : Math.min(limit, dueAt);
}

/** A person is asked what became of an attempt (rule C6). */
export function ask(state: ExecutionState, current: StepState, data: EventData<'step_waiting'>): void {
  leaveSets(state, current);
  current.status = 'waiting';
  current.isInterrupted = false;
  current.wait = data.wait;
  state.waits.add(current);
}

interface Output {
  readonly attempt: number;
  readonly branch?: string | undefined;
  readonly output?: JsonValue | undefined;
  readonly output_ref?: BlobReference | undefined;
  readonly usage?: Usage | undefined;
}

export function complete(state: ExecutionState, current: StepState, data: Output): void {
  const { step } = current;
  const branch = data.branch ?? null;
  if (step.ports.length > 0 ? branch === null || !step.ports.includes(branch) : branch !== null) {
    const ports = step.ports.length === 0 ? 'none' : step.ports.join(', ');
    throw new EngineError(
      'branch_missing',
      'S9',
      `Step "${step.id}" selects "${branch}"; its branches: ${ports}`,
    );
  }
  current.branch = branch;
  show(state, current, data);
  if (current.frame === state.root) state.completedCount += 1;
  addUsage(state, data.usage);
  settle(state, current, 'completed');
}

function show(state: ExecutionState, current: StepState, data: Pick<Output, 'output' | 'output_ref'>): void {
  const shown: ScopeStep = { output: data.output ?? null, status: 'completed' };
  current.outputRef = data.output_ref ?? null;
  if (data.output_ref !== undefined) state.unresolvedOutputs.set(shown, data.output_ref);
  current.frame.scope.steps[current.step.id] = shown;
}

export function fail(
  state: ExecutionState,
  current: StepState,
  data: Pick<EventData<'step_failed'>, 'attempt' | 'error' | 'handling' | 'usage'>,
): void {
  const { step, frame } = current;
  current.failures += 1;
  current.handling = data.handling;
  current.error = data.error;
  const output = data.handling === 'continue' ? { error: recordJson(data.error) } : null;
  frame.scope.steps[step.id] = { output, status: 'failed', error: data.error };
  addUsage(state, data.usage);
  if (data.handling === 'fail' && frame === state.root) state.failure ??= data.error;
  settle(state, current, 'failed');
  if (data.handling === 'fail') failFrame(state, frame, data.error, endReason(state, current));
}

function endReason(state: ExecutionState, { frame }: StepState): 'execution_failed' | 'iteration_failed' {
  return frame === state.root || frame === state.handler?.frame ? 'execution_failed' : 'iteration_failed';
}

export function retryLater(
  state: ExecutionState,
  current: StepState,
  data: EventData<'step_retrying'>,
): void {
  current.failures += 1;
  current.error = data.error;
  current.status = 'retrying';
  current.isInterrupted = false;
  current.wait = null;
  current.dueAt = Date.parse(data.retry_at);
  addUsage(state, data.usage);
  leaveSets(state, current);
  state.timers.add(current);
}

export function skip(
  state: ExecutionState,
  current: StepState,
  data: Pick<EventData<'step_skipped'>, 'reason' | 'output' | 'output_ref'>,
): void {
  const { reason } = data;
  current.reason = reason satisfies SkipReason;
  show(state, current, data);
  const shown = current.frame.scope.steps[current.step.id];
  if (shown !== undefined) shown.status = 'skipped';
  settle(state, current, 'skipped');
}

export function discard(state: ExecutionState, current: StepState): void {
  current.frame.scope.steps[current.step.id] = { output: null, status: 'discarded' };
  settle(state, current, 'discarded');
}

function settle(
  state: ExecutionState,
  current: StepState,
  status: 'completed' | 'failed' | 'skipped' | 'discarded',
): void {
  const { frame } = current;
  if (isUnderWay(current)) frame.begun -= 1;
  if (current.loop !== null) letGoOfLoop(state, current.loop);
  current.status = status;
  current.dueAt = null;
  current.abandoned = null;
  current.isInterrupted = false;
  current.wait = null;
  current.loop = null;
  leaveSets(state, current);
  state.losers.delete(current);
  frame.settled.push(current);
  // A failure that ends its frame decides nothing further: what has not begun stays pending.
  if (current.handling === 'fail') return;
  if (!isOver(frame)) resolveEdges(state, current);
  endIterationWhenDone(state, frame);
}

/** It failed, or the step whose body it is was given up: what still settles in it leads nowhere. */
function isOver({ failure, owner }: Frame): boolean {
  return failure !== null || (owner !== null && owner.abandoned !== null);
}
