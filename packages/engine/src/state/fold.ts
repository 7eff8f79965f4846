import { isTerminal, type EventData, type LogEvent, type NewEvent } from '@millrace/contracts';
import { EngineError } from '../error.js';
import { assertMove } from '../status.js';
import { stepState } from './access.js';
import { emptySteps } from './create.js';
import { frameOf, isSettled, isUnderWay } from './frames.js';
import { decideRoots } from './joins.js';
import { beginIteration, endPart, isOpenPart } from './loops.js';
import * as outcome from './outcomes.js';
import type { EpochMs, ExecutionState, StepState } from './state.js';

/**
 * Applies one event, in place, at the cost of what it changes (rules S1 to S9). An event that cannot follow the ones
 * before it throws an EngineError that names the rule and leaves the state as it was.
 *
 * A LogEvent brings its time and must be the next in sequence. A NewEvent takes the next number, and `now` as its
 * time; without `now` it happens at the time of the latest event before it.
 */
export function fold(state: ExecutionState, event: NewEvent | LogEvent, now?: EpochMs): void {
  if ('seq' in event && event.seq !== state.lastSeq + 1) {
    throw new EngineError('sequence_gap', 'S3', `Event ${event.seq} cannot follow event ${state.lastSeq}`);
  }
  if ((state.lastSeq === 0) !== (event.type === 'queued')) {
    throw new EngineError('illegal_event', 'S3', `"${event.type}" cannot be event ${state.lastSeq + 1}`);
  }
  const at = 'timestamp' in event ? Date.parse(event.timestamp) : (now ?? state.clock);
  apply(state, event, at);
  if (at > state.clock) state.clock = at;
  state.lastSeq += 1;
}

function apply(state: ExecutionState, event: NewEvent, at: EpochMs): void {
  switch (event.type) {
    case 'queued':
      state.inputs = event.data.inputs ?? {};
      return;
    case 'started':
      assertMove(state.status, 'running');
      if (state.startedAt !== null) refuse('S3', 'The execution has started before');
      state.status = 'running';
      state.startedAt = at;
      return;
    case 'resumed':
      // A worker that takes over from a dead one resumes a running execution.
      if (state.startedAt === null) refuse('S3', 'An execution that never started cannot be resumed');
      if (state.status !== 'running') assertMove(state.status, 'running');
      state.status = 'running';
      endPause(state, at);
      return;
    case 'paused':
      assertMove(state.status, 'paused');
      state.status = 'paused';
      state.pausedAt = at;
      return;
    case 'failing':
      return beginHandler(state, event.data, at);
    case 'waiting':
    case 'cancelled':
    case 'timed_out':
      assertMove(state.status, event.type);
      state.status = event.type;
      return;
    case 'completed':
      assertMove(state.status, 'completed');
      if (state.failure !== null || state.root.settled.length < state.root.steps.length) {
        refuse('D8', 'An execution completes when every step is settled and none has failed it');
      }
      state.status = 'completed';
      return;
    case 'failed':
      assertMove(state.status, 'failed');
      state.status = 'failed';
      state.failure ??= event.data.error;
      return;
    default:
      applyToStep(state, event, at);
  }
}

/** The time of a pause counts towards neither the execution's limit nor that of its on_failure (rule T7). */
function endPause(state: ExecutionState, at: EpochMs): void {
  if (state.pausedAt === null || state.startedAt === null) return;
  const paused = Math.max(0, at - state.pausedAt);
  state.startedAt += paused;
  if (state.handler !== null) {
    state.handler = { ...state.handler, startedAt: state.handler.startedAt + paused };
  }
  state.pausedAt = null;
}

function beginHandler(state: ExecutionState, { status, error }: EventData<'failing'>, at: EpochMs): void {
  const { onFailure } = state.plan;
  if (state.status !== 'running' || onFailure === null || state.handler !== null) {
    refuse('H1', '"failing" belongs into a running execution whose workflow has an on_failure, once');
  }
  if (state.root.begun > 0) refuse('H1', 'Steps that are under way are given up before on_failure runs');
  const scope = { ...state.root.scope, steps: emptySteps(state.root.scope.steps), failure: error };
  const frame = frameOf(onFailure.graph, scope, { owner: null, index: 0, iteration: null });
  state.failure ??= error;
  // Nothing of the workflow itself moves any more, also when no step has failed it.
  state.root.failure ??= error;
  state.handler = { frame, status, error, startedAt: at };
  state.ready.clear();
  state.facts.clear();
  state.losers.clear();
  decideRoots(state, frame);
}

type StepEvent = Extract<NewEvent, { type: `step_${string}` }>;

function applyToStep(state: ExecutionState, event: StepEvent, at: EpochMs): void {
  // What a retry of an execution reuses is there before it starts.
  const isReuse = event.type === 'step_reused' && state.status === 'queued';
  if (state.status !== 'running' && !isReuse) {
    const rule = isTerminal(state.status) ? 'S2' : 'S5';
    refuse(rule, `"${event.type}" belongs into a running execution; this one is ${state.status}`);
  }
  const current = stepState(state, event.data.step_id, event.data.iteration);
  switch (event.type) {
    case 'step_started':
      return start(state, current, event.data, at);
    case 'step_completed':
      if (current.status === 'pending') mustBePermitted(current, event.type);
      else mustBeUnderWay(current, event.type, event.data.attempt);
      return outcome.complete(state, current, event.data);
    case 'step_failed':
      if (current.status === 'pending') mustBeFailedByJoin(current);
      else mustBeUnderWay(current, event.type, event.data.attempt);
      return outcome.fail(state, current, event.data);
    case 'step_retrying': {
      const hasAttempt = isUnderWay(current) && current.status !== 'retrying';
      if (!hasAttempt || current.loop !== null || event.data.attempt !== current.attempt) {
        refuseStep('S6', event.type, current);
      }
      return outcome.retryLater(state, current, event.data);
    }
    case 'step_skipped':
      mustBeSkippable(current, event.data.reason === 'manual');
      return outcome.skip(state, current, event.data);
    case 'step_reused':
      if (current.status !== 'pending') refuseStep('S6', event.type, current);
      return outcome.complete(state, current, event.data);
    case 'step_discarded':
      if (!isUnderWay(current)) refuseStep('S6', event.type, current);
      mustHaveNothingInside(current, event.type);
      return outcome.discard(state, current);
    case 'step_waiting':
      if (current.status !== 'running' || current.loop !== null) refuseStep('S6', event.type, current);
      return outcome.ask(state, current, event.data);
    case 'step_iterating': {
      const { loop } = current;
      if (current.step.kind !== 'repeat' || loop?.next !== event.data.index || loop.frames.size > 0) {
        refuse('L3', `Iteration ${event.data.index} of step "${current.step.id}" cannot begin now`);
      }
      return beginIteration(state, current, loop);
    }
    case 'step_part_ended': {
      const { loop } = current;
      if (loop === null || event.data.attempt !== current.attempt || !isOpenPart(loop, event.data.part)) {
        refuse('L6', `Part ${event.data.part} of step "${current.step.id}" is not under way`);
      }
      return endPart(state, current, loop, event.data);
    }
  }
}

function start(
  state: ExecutionState,
  current: StepState,
  data: EventData<'step_started'>,
  at: EpochMs,
): void {
  if (current.status === 'pending') mustBePermitted(current, 'step_started');
  else if (current.loop !== null || (current.status !== 'retrying' && current.status !== 'running')) {
    refuseStep('S6', 'step_started', current);
  }
  if (data.loop !== undefined && current.step.body === null) {
    refuse('L1', `Step "${current.step.id}" has no body to iterate over`);
  }
  if (data.attempt !== current.attempt + 1) {
    refuse(
      'S7',
      `Attempt ${data.attempt} of step "${current.step.id}" cannot follow attempt ${current.attempt}`,
    );
  }
  outcome.begin(state, current, data, at);
}

function mustBePermitted(current: StepState, type: string): void {
  if (current.verdict === 'run' && current.abandoned === null && current.frame.failure === null) return;
  refuse('S8', `"${type}" of step "${current.step.id}" comes before its predecessors allow it`);
}

function mustBeFailedByJoin(current: StepState): void {
  if (current.verdict !== 'fail_join') refuseStep('S6', 'step_failed', current);
}

function mustBeUnderWay(current: StepState, type: string, attempt: number): void {
  if (!isUnderWay(current) || current.status === 'retrying') refuseStep('S6', type, current);
  mustHaveNothingInside(current, type);
  if (attempt === current.attempt) return;
  refuse(
    'S7',
    `"${type}" of step "${current.step.id}" is of attempt ${attempt}; attempt ${current.attempt} is running`,
  );
}

/** By hand any step that is not settled may be skipped, also before its predecessors have decided it. */
function mustBeSkippable(current: StepState, isByHand: boolean): void {
  if (isByHand) {
    if (isSettled(current)) refuseStep('S6', 'step_skipped', current);
    mustHaveNothingInside(current, 'step_skipped');
    return;
  }
  if (current.status !== 'pending' || (current.verdict === 'undecided' && current.abandoned === null)) {
    refuseStep('S6', 'step_skipped', current);
  }
}

function mustHaveNothingInside({ step, loop }: StepState, type: string): void {
  for (const frame of loop?.frames.values() ?? []) {
    if (frame.begun > 0)
      refuse('L5', `"${type}" of step "${step.id}" comes before the steps of its body end`);
  }
}

function refuseStep(rule: string, type: string, { step, status }: StepState): never {
  refuse(rule, `"${type}" cannot follow: step "${step.id}" is ${status}`);
}

function refuse(rule: string, message: string): never {
  throw new EngineError('illegal_event', rule, message);
}
