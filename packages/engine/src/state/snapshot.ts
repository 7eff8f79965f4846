/**
 * A snapshot holds what the log decided, step by step in the order of the outcomes. What follows from that (edges,
 * ready set, counts) is derived again by the code that folds events, so the two cannot drift apart (rule S11).
 */
import {
  blobReference,
  executionError,
  executionStatus,
  isJsonObject,
  onError,
  type ExecutionError,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import { EngineError } from '../error.js';
import { planStep, planStepAt, stepStateAt } from './access.js';
import { createState } from './create.js';
import * as outcome from './outcomes.js';
import type { Plan, PlanStep } from '../graph/plan.js';
import type { ExecutionContext, ExecutionState, SkipReason, StepState } from './state.js';

const FORMAT = 1;
const SKIP_REASONS: readonly SkipReason[] = ['branch', 'upstream', 'disabled', 'join'];

/** The state as JSON; `restore` on the same plan and context makes an equal one. Provided outputs are not part of it. */
export function snapshot(state: ExecutionState): JsonObject {
  const open = [...state.running, ...state.timers, ...interrupted(state)];
  return {
    format: FORMAT,
    last_seq: state.lastSeq,
    status: state.status,
    clock: state.clock,
    started_at: state.startedAt,
    failure: state.failure === null ? null : errorJson(state.failure),
    settled: state.settled.map((index) => settledJson(state, index)),
    open: open.map((index) => stepJson(state, index)),
  };
}

function interrupted(state: ExecutionState): number[] {
  const isWaiting = (index: number): boolean => stepStateAt(state, index).isInterrupted;
  return [...new Set([...state.ready, ...state.facts, ...state.losers])].filter(isWaiting);
}

function errorJson(error: ExecutionError): JsonObject {
  const plain: JsonObject = {};
  for (const [key, value] of Object.entries(error)) if (value !== undefined) plain[key] = value;
  return plain;
}

function stepJson(state: ExecutionState, index: number): JsonObject {
  const step = stepStateAt(state, index);
  const json: JsonObject = {
    id: planStepAt(state, index).id,
    status: step.status,
    attempt: step.attempt,
    failures: step.failures,
    first_started_at: step.firstStartedAt,
    started_at: step.startedAt,
  };
  if (step.dueAt !== null) json['due_at'] = step.dueAt;
  if (step.error !== null) json['error'] = errorJson(step.error);
  return json;
}

function settledJson(state: ExecutionState, index: number): JsonObject {
  const step = stepStateAt(state, index);
  const json = stepJson(state, index);
  if (step.branch !== null) json['branch'] = step.branch;
  if (step.handling !== null) json['handling'] = step.handling;
  if (step.reason !== null) json['reason'] = step.reason;
  if (step.outputRef !== null) json['output_ref'] = { ...step.outputRef };
  else if (step.status === 'completed') {
    json['output'] = state.scope.steps[planStepAt(state, index).id]?.output ?? null;
  }
  return json;
}

/**
 * The state that a snapshot was taken of. Throws an EngineError (`bad_snapshot`) for a snapshot of another format or
 * plan: fold the whole log then.
 */
export function restore(plan: Plan, context: ExecutionContext, from: JsonObject): ExecutionState {
  if (from['format'] !== FORMAT) throw bad(`format ${JSON.stringify(from['format'])}`);
  const state = createState(plan, context);
  try {
    for (const json of list(from, 'settled')) restoreSettled(state, json);
    for (const json of list(from, 'open')) restoreOpen(state, json);
    state.status = executionStatus.parse(from['status']);
    state.lastSeq = number(from, 'last_seq');
    state.clock = number(from, 'clock');
    state.startedAt = from['started_at'] === null ? null : number(from, 'started_at');
    state.failure = from['failure'] === null ? null : executionError.parse(from['failure']);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'bad_snapshot') throw error;
    throw bad(error instanceof Error ? error.message : String(error));
  }
  return state;
}

function restoreSettled(state: ExecutionState, json: JsonObject): void {
  const { step, current } = subject(state, json);
  switch (json['status']) {
    case 'completed':
      outcome.complete(state, step, current, {
        attempt: number(json, 'attempt'),
        branch: typeof json['branch'] === 'string' ? json['branch'] : undefined,
        output: json['output'],
        output_ref: json['output_ref'] === undefined ? undefined : blobReference.parse(json['output_ref']),
      });
      break;
    case 'failed':
      outcome.fail(state, step, current, {
        attempt: number(json, 'attempt'),
        handling: onError.parse(json['handling']),
        error: executionError.parse(json['error']),
      });
      break;
    case 'skipped': {
      const reason = SKIP_REASONS.find((known) => known === json['reason']);
      if (reason === undefined) throw bad(`reason ${JSON.stringify(json['reason'])}`);
      outcome.skip(state, step, current, reason);
      break;
    }
    case 'discarded':
      outcome.discard(state, step, current);
      break;
    default:
      throw bad(`status ${JSON.stringify(json['status'])}`);
  }
  restoreCounts(current, json);
}

function restoreOpen(state: ExecutionState, json: JsonObject): void {
  const { step, current } = subject(state, json);
  outcome.leaveSets(state, step.index);
  restoreCounts(current, json);
  switch (json['status']) {
    case 'running':
      current.status = 'running';
      state.running.add(step.index);
      return;
    case 'sleeping':
    case 'retrying':
      current.status = json['status'];
      current.dueAt = number(json, 'due_at');
      state.timers.add(step.index);
      return;
    default:
      throw bad(`status ${JSON.stringify(json['status'])}`);
  }
}

function restoreCounts(current: StepState, json: JsonObject): void {
  current.attempt = number(json, 'attempt');
  current.failures = number(json, 'failures');
  current.firstStartedAt = number(json, 'first_started_at');
  current.startedAt = number(json, 'started_at');
  current.error = json['error'] === undefined ? null : executionError.parse(json['error']);
}

function subject(state: ExecutionState, json: JsonObject): { step: PlanStep; current: StepState } {
  const { id } = json;
  if (typeof id !== 'string') throw bad('a step without an id');
  const step = planStep(state, id);
  const current = stepStateAt(state, step.index);
  if (current.status !== 'pending') throw bad(`step "${step.id}" occurs twice`);
  return { step, current };
}

function number(json: JsonObject, key: string): number {
  const value = json[key];
  if (typeof value !== 'number') throw bad(`${key} is no number`);
  return value;
}

function list(json: JsonObject, key: string): JsonObject[] {
  const value: JsonValue | undefined = json[key];
  if (!Array.isArray(value)) throw bad(`${key} is no list`);
  return value.map((item) => {
    if (!isJsonObject(item)) throw bad(`${key} holds something else than objects`);
    return item;
  });
}

function bad(what: string): EngineError {
  return new EngineError('bad_snapshot', 'S11', `The snapshot does not fit: ${what}`);
}
