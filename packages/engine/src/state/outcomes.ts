/** What each event of a step does to the state. Whether the event is legal has been decided before (`fold`). */
import type { BlobReference, EventData, ExecutionError, JsonValue } from '@millrace/contracts';
import { EngineError } from '../error.js';
import { resolveEdges } from './joins.js';
import type { PlanStep } from '../graph/plan.js';
import type { EpochMs, ExecutionState, SkipReason, StepState } from './state.js';

export function begin(
  state: ExecutionState,
  step: PlanStep,
  current: StepState,
  data: EventData<'step_started'>,
  at: EpochMs,
): void {
  if (current.attempt === 0) current.firstStartedAt = at;
  current.attempt = data.attempt;
  current.startedAt = at;
  current.isInterrupted = false;
  leaveSets(state, step.index);
  if (data.due_at === undefined) {
    current.status = 'running';
    current.dueAt = null;
    state.running.add(step.index);
  } else {
    current.status = 'sleeping';
    current.dueAt = Date.parse(data.due_at);
    state.timers.add(step.index);
  }
}

interface Output {
  readonly attempt: number;
  readonly branch?: string | undefined;
  readonly output?: JsonValue | undefined;
  readonly output_ref?: BlobReference | undefined;
}

export function complete(state: ExecutionState, step: PlanStep, current: StepState, data: Output): void {
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
  current.outputRef = data.output_ref ?? null;
  if (data.output_ref !== undefined) state.unresolvedOutputs.add(step.index);
  state.scope.steps[step.id] = { output: data.output ?? null, status: 'completed' };
  state.completedCount += 1;
  settle(state, step, current, 'completed');
}

export function fail(
  state: ExecutionState,
  step: PlanStep,
  current: StepState,
  data: Pick<EventData<'step_failed'>, 'attempt' | 'error' | 'handling'>,
): void {
  current.failures += 1;
  current.handling = data.handling;
  current.error = data.error;
  const output = data.handling === 'continue' ? errorOutput(data.error) : null;
  state.scope.steps[step.id] = { output, status: 'failed', error: data.error };
  if (data.handling === 'fail') {
    state.failure ??= { ...data.error, step_id: step.id, attempt: data.attempt };
  }
  settle(state, step, current, 'failed');
}

/** The output of a step that failed and lets the execution go on (rule K4). */
export function errorOutput(error: ExecutionError): JsonValue {
  const plain: { [key: string]: JsonValue } = {};
  for (const [key, value] of Object.entries(error)) if (value !== undefined) plain[key] = value;
  return { error: plain };
}

export function retryLater(
  state: ExecutionState,
  step: PlanStep,
  current: StepState,
  data: EventData<'step_retrying'>,
): void {
  current.failures += 1;
  current.error = data.error;
  current.status = 'retrying';
  current.isInterrupted = false;
  current.dueAt = Date.parse(data.retry_at);
  leaveSets(state, step.index);
  state.timers.add(step.index);
}

export function skip(state: ExecutionState, step: PlanStep, current: StepState, reason: SkipReason): void {
  current.reason = reason;
  state.scope.steps[step.id] = { output: null, status: 'skipped' };
  settle(state, step, current, 'skipped');
}

export function discard(state: ExecutionState, step: PlanStep, current: StepState): void {
  state.scope.steps[step.id] = { output: null, status: 'discarded' };
  settle(state, step, current, 'discarded');
}

function settle(
  state: ExecutionState,
  step: PlanStep,
  current: StepState,
  status: 'completed' | 'failed' | 'skipped' | 'discarded',
): void {
  current.status = status;
  current.dueAt = null;
  current.isInterrupted = false;
  leaveSets(state, step.index);
  state.losers.delete(step.index);
  state.settled.push(step.index);
  // A failure that ends the execution decides nothing further: what has not begun stays pending.
  if (current.handling !== 'fail') resolveEdges(state, step);
}

/** Takes a step out of every set that says what may happen to it. */
export function leaveSets(state: ExecutionState, index: number): void {
  state.ready.delete(index);
  state.facts.delete(index);
  state.running.delete(index);
  state.timers.delete(index);
}
