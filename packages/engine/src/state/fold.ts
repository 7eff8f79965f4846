import { isTerminal, type EventData, type LogEvent, type NewEvent } from '@millrace/contracts';
import { EngineError } from '../error.js';
import { assertMove } from '../status.js';
import { planStep, stepStateAt } from './access.js';
import * as outcome from './outcomes.js';
import type { PlanStep } from '../graph/plan.js';
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
      return;
    case 'waiting':
    case 'paused':
    case 'cancelled':
    case 'timed_out':
      assertMove(state.status, event.type);
      state.status = event.type;
      return;
    case 'completed':
      assertMove(state.status, 'completed');
      if (state.failure !== null || state.settled.length < state.steps.length) {
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

type StepEvent = Extract<NewEvent, { type: `step_${string}` }>;

function applyToStep(state: ExecutionState, event: StepEvent, at: EpochMs): void {
  if (state.status !== 'running') {
    const rule = isTerminal(state.status) ? 'S2' : 'S5';
    refuse(rule, `"${event.type}" belongs into a running execution; this one is ${state.status}`);
  }
  const step = planStep(state, event.data.step_id);
  const current = stepStateAt(state, step.index);
  switch (event.type) {
    case 'step_started':
      return start(state, step, current, event.data, at);
    case 'step_completed':
      if (current.status === 'pending') mustBePermitted(current, step, event.type);
      else mustBeUnderWay(current, step, event.type, event.data.attempt);
      return outcome.complete(state, step, current, event.data);
    case 'step_failed':
      if (current.status === 'pending') mustBeFailedByJoin(current, step);
      else mustBeUnderWay(current, step, event.type, event.data.attempt);
      return outcome.fail(state, step, current, event.data);
    case 'step_retrying':
      if (current.status !== 'running' || event.data.attempt !== current.attempt) {
        refuseStep('S6', event.type, step, current);
      }
      return outcome.retryLater(state, step, current, event.data);
    case 'step_skipped':
      if (current.status !== 'pending' || (current.verdict === 'undecided' && !current.isAbandoned)) {
        refuseStep('S6', event.type, step, current);
      }
      return outcome.skip(state, step, current, event.data.reason);
    case 'step_reused':
      if (current.status !== 'pending') refuseStep('S6', event.type, step, current);
      return outcome.complete(state, step, current, event.data);
    case 'step_discarded':
      if (!isUnderWay(current)) refuseStep('S6', event.type, step, current);
      return outcome.discard(state, step, current);
  }
}

function start(
  state: ExecutionState,
  step: PlanStep,
  current: StepState,
  data: EventData<'step_started'>,
  at: EpochMs,
): void {
  if (current.status === 'pending') mustBePermitted(current, step, 'step_started');
  else if (current.status !== 'retrying' && current.status !== 'running') {
    refuseStep('S6', 'step_started', step, current);
  }
  if (data.attempt !== current.attempt + 1) {
    refuse('S7', `Attempt ${data.attempt} of step "${step.id}" cannot follow attempt ${current.attempt}`);
  }
  outcome.begin(state, step, current, data, at);
}

function isUnderWay(step: StepState): boolean {
  return step.status === 'running' || step.status === 'sleeping' || step.status === 'retrying';
}

function mustBePermitted(current: StepState, step: PlanStep, type: string): void {
  if (current.verdict === 'run' && !current.isAbandoned) return;
  refuse('S8', `"${type}" of step "${step.id}" comes before its predecessors allow it`);
}

function mustBeFailedByJoin(current: StepState, step: PlanStep): void {
  if (current.verdict !== 'fail_join') refuseStep('S6', 'step_failed', step, current);
}

function mustBeUnderWay(current: StepState, step: PlanStep, type: string, attempt: number): void {
  const hasResult = current.status === 'running' || current.status === 'sleeping';
  if (!hasResult) refuseStep('S6', type, step, current);
  if (attempt === current.attempt) return;
  refuse(
    'S7',
    `"${type}" of step "${step.id}" is of attempt ${attempt}; attempt ${current.attempt} is running`,
  );
}

function refuseStep(rule: string, type: string, step: PlanStep, current: StepState): never {
  refuse(rule, `"${type}" cannot follow: step "${step.id}" is ${current.status}`);
}

function refuse(rule: string, message: string): never {
  throw new EngineError('illegal_event', rule, message);
}
