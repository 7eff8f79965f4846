/**
 * A snapshot is taken while no body and no `on_failure` is under way (`canSnapshot`): then the log is one list of steps.
 * It holds what the log decided, step by step in the order of the outcomes. What follows from that (edges,
 * ready set, counts) is derived again by the code that folds events, so the two cannot drift apart (rule S11).
 */
import {
  blobReference,
  executionError,
  executionStatus,
  isJsonObject,
  onError,
  usage,
  wait,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import { EngineError } from '../error.js';
import { stepState } from './access.js';
import { createState } from './create.js';
import { leaveSets, underWay } from './frames.js';
import { abandon } from './joins.js';
import { recordJson } from '../expressions/json.js';
import * as outcome from './outcomes.js';
import type { Plan } from '../graph/plan.js';
import type { ExecutionContext, ExecutionState, SkipReason, StepState } from './state.js';

const FORMAT = 3;
const SKIP_REASONS: readonly SkipReason[] = ['branch', 'upstream', 'disabled', 'join', 'manual'];

/** While false, a claim folds the log from the last snapshot before. */
export function canSnapshot({ handler, root }: ExecutionState): boolean {
  return handler === null && root.steps.every(({ loop }) => loop === null);
}

/** The state as JSON; `restore` on the same plan and context makes an equal one. Provided outputs are not part of it. */
export function snapshot(state: ExecutionState): JsonObject {
  const { running, waits, timers } = state;
  const open = new Set([...running, ...waits, ...timers, ...interrupted(state)]);
  return {
    format: FORMAT,
    last_seq: state.lastSeq,
    status: state.status,
    clock: state.clock,
    started_at: state.startedAt,
    paused_at: state.pausedAt,
    inputs: state.inputs,
    iterations: state.iterations,
    usage: recordJson(state.usage),
    failure: state.failure === null ? null : recordJson(state.failure),
    settled: state.root.settled.map(settledJson),
    open: Array.from(open, stepJson),
    // What waits may have a time, and the order of both is kept.
    timers: Array.from(timers, ({ step }) => step.id),
  };
}

function interrupted(state: ExecutionState): StepState[] {
  return [...state.ready, ...state.facts, ...state.losers].filter(({ isInterrupted }) => isInterrupted);
}

function stepJson(current: StepState): JsonObject {
  const json: JsonObject = {
    id: current.step.id,
    status: current.status,
    attempt: current.attempt,
    failures: current.failures,
    first_started_at: current.firstStartedAt,
    started_at: current.startedAt,
  };
  if (current.dueAt !== null) json['due_at'] = current.dueAt;
  if (current.error !== null) json['error'] = recordJson(current.error);
  if (current.wait !== null) json['wait'] = recordJson(current.wait);
  return json;
}

function settledJson(current: StepState): JsonObject {
  const json = stepJson(current);
  if (current.branch !== null) json['branch'] = current.branch;
  if (current.handling !== null) json['handling'] = current.handling;
  if (current.reason !== null) json['reason'] = current.reason;
  if (current.outputRef !== null) json['output_ref'] = { ...current.outputRef };
  else if (current.status === 'completed' || current.status === 'skipped') {
    json['output'] = current.frame.scope.steps[current.step.id]?.output ?? null;
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
    for (const id of ids(from, 'timers')) state.timers.add(stepState(state, id));
    // Its failure was restored before there was anything under way to give up.
    if (state.root.failure !== null) {
      for (const step of underWay(state.root)) abandon(state, step, 'execution_failed');
    }
    state.status = executionStatus.parse(from['status']);
    state.lastSeq = number(from, 'last_seq');
    state.clock = number(from, 'clock');
    state.startedAt = from['started_at'] === null ? null : number(from, 'started_at');
    state.pausedAt = from['paused_at'] === null ? null : number(from, 'paused_at');
    state.inputs = isJsonObject(from['inputs']) ? from['inputs'] : {};
    state.iterations = number(from, 'iterations');
    state.usage = usage.parse(from['usage']);
    state.failure = from['failure'] === null ? null : executionError.parse(from['failure']);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'bad_snapshot') throw error;
    throw bad(error instanceof Error ? error.message : String(error));
  }
  return state;
}

function restoreSettled(state: ExecutionState, json: JsonObject): void {
  const current = subject(state, json);
  const output = {
    output: json['output'],
    output_ref: json['output_ref'] === undefined ? undefined : blobReference.parse(json['output_ref']),
  };
  switch (json['status']) {
    case 'completed': {
      const branch = typeof json['branch'] === 'string' ? json['branch'] : undefined;
      outcome.complete(state, current, { attempt: number(json, 'attempt'), branch, ...output });
      break;
    }
    case 'failed':
      outcome.fail(state, current, {
        attempt: number(json, 'attempt'),
        handling: onError.parse(json['handling']),
        error: executionError.parse(json['error']),
      });
      break;
    case 'skipped': {
      const reason = SKIP_REASONS.find((known) => known === json['reason']);
      if (reason === undefined) throw bad(`reason ${JSON.stringify(json['reason'])}`);
      outcome.skip(state, current, { reason, ...output });
      break;
    }
    case 'discarded':
      outcome.discard(state, current);
      break;
    default:
      throw bad(`status ${JSON.stringify(json['status'])}`);
  }
  restoreCounts(current, json);
}

function restoreOpen(state: ExecutionState, json: JsonObject): void {
  const current = subject(state, json);
  leaveSets(state, current);
  restoreCounts(current, json);
  current.dueAt = json['due_at'] === undefined ? null : number(json, 'due_at');
  current.frame.begun += 1;
  switch (json['status']) {
    case 'running':
      current.status = 'running';
      state.running.add(current);
      return;
    case 'sleeping':
    case 'retrying':
      current.status = json['status'];
      break;
    case 'waiting':
      current.status = 'waiting';
      current.wait = wait.parse(json['wait']);
      state.waits.add(current);
      break;
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

function subject(state: ExecutionState, json: JsonObject): StepState {
  const { id } = json;
  if (typeof id !== 'string') throw bad('a step without an id');
  const current = stepState(state, id);
  if (current.status !== 'pending') throw bad(`step "${id}" occurs twice`);
  return current;
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

function ids(json: JsonObject, key: string): string[] {
  const value = json[key];
  if (!Array.isArray(value)) throw bad(`${key} is no list`);
  return value.map((id) => {
    if (typeof id !== 'string') throw bad(`${key} holds something else than ids`);
    return id;
  });
}

function bad(what: string): EngineError {
  return new EngineError('bad_snapshot', 'S11', `The snapshot does not fit: ${what}`);
}
