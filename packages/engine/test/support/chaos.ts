/**
 * Whole random workflows, bodies and all, under a shell that does everything a real one may: several attempts settle
 * before it decides again, answers come in any order, late, twice and to wrong attempts, people skip steps and pause,
 * and workers die. All of it follows from one number.
 */
import type { JsonValue, LogEvent, LoopPlan, NewEvent, Wait } from '@millrace/contracts';
import { parseLogEvent } from '@millrace/contracts';
import {
  canCollect,
  canStart,
  compile,
  createState,
  decide,
  fold,
  markInterrupted,
  nextDueAt,
  openParts,
  partSize,
  pausedEvent,
  receiveAnswer,
  resumedEvent,
  settle,
  skipByHand,
  stepCompleted,
  stepStarted,
  waitingEvent,
  type Command,
  type ExecutionState,
  type Frame,
  type Outcome,
  type Plan,
  type StepState,
} from '../../src/index.js';
import { CONTEXT, define, failure, jsonCopy, startedState, success, T0 } from './workflows.js';

/** Repeatable chance: `below(n)` is 0 to n - 1, `oneIn(n)` true once in n. */
export interface Chance {
  below(count: number): number;
  oneIn(count: number): boolean;
}

export function chanceOf(seed: number): Chance {
  let current = (seed ^ 0x9e3779b9) >>> 0;
  const below = (count: number): number => {
    current = (current + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(current ^ (current >>> 15), current | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return count <= 0 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
  return { below, oneIn: (count) => below(count) === 0 };
}

function pickOf<T>(chance: Chance, values: readonly T[]): T | undefined {
  return values[chance.below(values.length)];
}

const LEAF_KINDS = [
  'set',
  'set',
  'condition',
  'delay',
  'http_request',
  'approval',
  'wait_for_event',
] as const;
const CONFIGS: Record<string, object> = {
  set: { values: {} },
  condition: { expression: 'true' },
  delay: { seconds: 60 },
  http_request: { method: 'POST', url: 'https://example.com' },
  approval: { message: 'May it?' },
  wait_for_event: { name: 'paid', key: 'k' },
};
const PORTS: Record<string, readonly string[]> = {
  condition: ['true', 'false'],
  approval: ['approved', 'rejected'],
  wait_for_event: ['received', 'timeout'],
};

function randomGraph(
  chance: Chance,
  names: { next: number },
  depth: number,
): { nodes: object[]; edges: { source: string; target: string; label?: string }[] } {
  const ids: { id: string; kind: string; onError: string }[] = [];
  const nodes: object[] = [];
  const count = 1 + chance.below(depth === 0 ? 7 : 6);
  for (let position = 0; position < count; position += 1) {
    const id = `n${String((names.next += 1))}`;
    const isLoop = depth < 3 && chance.oneIn(4);
    const kind = isLoop ? (chance.oneIn(2) ? 'map' : 'repeat') : (pickOf(chance, LEAF_KINDS) ?? 'set');
    const onError = pickOf(chance, ['fail', 'continue', 'error', 'continue']) ?? 'fail';
    const data: Record<string, unknown> = {
      join: chance.oneIn(2) ? 'any' : 'all',
      ...(chance.oneIn(12) && { disabled: true }),
      ...(chance.oneIn(4) && { timeout_seconds: 1 + chance.below(90) }),
    };
    if (isLoop) {
      const body = randomGraph(chance, names, depth + 1);
      data['config'] = kind === 'map' ? { items: '=parameters.items', body } : repeatConfig(chance, body);
    } else {
      data['config'] = CONFIGS[kind];
      data['retry'] = {
        max_attempts: 1 + chance.below(3),
        retry_on: ['boom', 'step_timeout', 'event_timeout'],
      };
      if (kind === 'http_request') data['on_uncertain'] = pickOf(chance, ['retry', 'fail', 'ask']);
      if (kind === 'set' && chance.oneIn(10)) data['pinned_output'] = { pinned: id };
    }
    ids.push({ id, kind, onError });
    nodes.push({ id, type: kind, data });
  }
  const edges: { source: string; target: string; label?: string }[] = [];
  const withErrorEdge = new Set<string>();
  ids.forEach((target, at) => {
    for (const source of ids.slice(0, at)) {
      if (!chance.oneIn(2)) continue;
      const isError = source.onError === 'error' && chance.oneIn(2);
      if (isError) withErrorEdge.add(source.id);
      const label = isError ? 'error' : pickOf(chance, PORTS[source.kind] ?? []);
      edges.push({ source: source.id, target: target.id, ...(label !== undefined && { label }) });
    }
  });
  nodes.forEach((node, at) => {
    const { id = '', onError = 'fail' } = ids[at] ?? {};
    const handling = onError === 'error' && !withErrorEdge.has(id) ? 'fail' : onError;
    if ('data' in node && typeof node.data === 'object')
      Object.assign(node.data ?? {}, { on_error: handling });
  });
  return { nodes, edges };
}

function repeatConfig(chance: Chance, body: object): object {
  const limit = { max_iterations: 1 + chance.below(4), on_limit: chance.oneIn(2) ? 'fail' : 'complete' };
  switch (chance.below(3)) {
    case 0:
      return { body, ...limit };
    case 1:
      return { body, while: `index < ${String(chance.below(4))}`, ...limit };
    default:
      return { body, until: `index >= ${String(chance.below(4))}`, ...limit };
  }
}

export function randomPlan(seed: number): Plan {
  const chance = chanceOf(seed);
  const names = { next: 0 };
  const { nodes, edges } = randomGraph(chance, names, 0);
  const more = {
    edges,
    ...(chance.oneIn(3) && { timeout_seconds: 30 + chance.below(600) }),
    ...(chance.oneIn(2) && { on_failure: { ...randomGraph(chance, names, 2), timeout_seconds: 100 } }),
  };
  const result = compile({ ...define(nodes, '', more), edges });
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.plan;
}

/** What starting a step comes to. */
type Beginning =
  { outcome: Outcome } | { dueAt: number } | { wait: Wait; dueAt?: number } | { loop: LoopPlan };

function beginningOf(chance: Chance, { step, frame }: StepState, now: number): Beginning {
  const dueAt = now + 1_000 * chance.below(120);
  switch (step.kind) {
    case 'delay':
      return { dueAt };
    case 'approval': {
      const wait: Wait = {
        ...{ type: 'approval', message: 'May it?', approvers: [], required: 1, exclude_submitter: false },
        ...(chance.oneIn(2) && { default_outcome: 'approved' }),
      };
      return chance.oneIn(2) ? { wait, dueAt } : { wait };
    }
    case 'wait_for_event': {
      const wait: Wait = { type: 'event', name: 'paid', key: 'k' };
      return chance.oneIn(2) ? { wait, dueAt } : { wait };
    }
    case 'map': {
      const count = chance.below(6);
      const items = Array.from({ length: count }, (_, at) => at);
      const onItemError = chance.oneIn(2) ? 'collect' : 'fail';
      const isInParts = chance.oneIn(4);
      return {
        loop: {
          ...{ count, items, concurrency: 1 + chance.below(4), on_item_error: onItemError },
          ...(isInParts && { shard_size: 1 + chance.below(3) }),
        },
      };
    }
    case 'repeat':
      return { loop: { concurrency: 1 } };
    default:
      return { outcome: outcomeOf(chance, step.ports, [step.id, frame.iteration]) };
  }
}

function outcomeOf(chance: Chance, ports: readonly string[], output: JsonValue): Outcome {
  if (chance.oneIn(6)) return failure(chance.oneIn(2) ? 'boom' : 'final', false);
  const branch = pickOf(chance, ports);
  const isLarge = chance.oneIn(8);
  return isLarge ? { ok: true, outputRef: STORED, branch } : success(output, branch);
}

const STORED = { reference: 'blob_1', size_bytes: 100_000, content_type: 'application/json' };

export interface ChaosOptions {
  /** Workers die now and then. */
  crashes?: boolean;
  /** After each event. */
  onEvent?(state: ExecutionState, log: readonly LogEvent[], event: NewEvent): void;
  /** Before each decision. */
  onTurn?(state: ExecutionState, now: number): void;
}

export interface ChaosRun {
  state: ExecutionState;
  log: LogEvent[];
  /** Lengths of the log at which a worker took over from a dead one. */
  crashes: number[];
}

const SETTLED_PER_TURN = 4;
const MAX_TURNS = 20_000;

/** Runs it to its end. Throws when that does not come. */
export function runInChaos(plan: Plan, seed: number, options: ChaosOptions = {}): ChaosRun {
  const chance = chanceOf(seed);
  let state = startedState(plan, { ...CONTEXT });
  const log: LogEvent[] = [...startOf(state)];
  const crashes: number[] = [];
  let inFlight: { step: StepState; attempt: number; outcome: Outcome }[] = [];
  const answered: Parameters<typeof receiveAnswer>[1][] = [];
  let now = T0;

  const settling = () => ({ now, random: () => 0.5, durationMs: 1 });
  const apply = (event: NewEvent): void => {
    fold(state, event, now);
    log.push(logged(event, log.length + 1, now));
    options.onEvent?.(state, log, event);
  };
  const applyIf = (event: NewEvent | null): void => {
    if (event !== null) apply(event);
  };

  const start = (step: StepState, attempt: number): void => {
    if (!canStart(state, step, attempt)) return;
    const beginning = beginningOf(chance, step, now);
    apply(stepStarted(state, step, { attempt, ...('outcome' in beginning ? {} : beginning) }));
    if (!('outcome' in beginning)) return;
    const { outcome } = beginning;
    // Pure steps may be settled before the next command is obeyed.
    if (step.step.purity === 'pure' && chance.oneIn(2))
      applyIf(settle(state, step, attempt, outcome, settling()));
    else inFlight.push({ step, attempt, outcome });
  };

  const obey = (command: Command): void => {
    switch (command.type) {
      case 'start':
        return start(command.step, command.attempt);
      case 'collect': {
        const { step, output, durationMs } = command;
        settleSome();
        if (!canCollect(state, step)) return;
        return apply(
          stepCompleted(state, step, { attempt: step.attempt, durationMs, output: jsonCopy(output) }),
        );
      }
      case 'settle':
        return applyIf(settle(state, command.step, command.attempt, command.outcome, settling()));
      case 'append':
      case 'abort':
      case 'finish':
        return apply(command.event);
      case 'suspend':
        apply(waitingEvent(command.wakeAt, command.stepIds));
        now += 1;
        return apply(resumedEvent('worker-1'));
    }
  };

  const settleSome = (): void => {
    for (let left = chance.below(SETTLED_PER_TURN); left > 0 && inFlight.length > 0; left -= 1) {
      const [attempt] = inFlight.splice(chance.below(inFlight.length), 1);
      if (attempt !== undefined) {
        applyIf(settle(state, attempt.step, attempt.attempt, attempt.outcome, settling()));
      }
    }
  };

  const answer = (): void => {
    const step = pickOf(chance, [...state.waits]);
    if (step === undefined) return;
    const { loop, wait } = step;
    const slot = loop === null ? 0 : (pickOf(chance, openParts(loop).parts) ?? 0);
    const iteration = step.frame.iteration ?? undefined;
    const message = {
      step_id: step.step.id,
      ...(iteration !== undefined && { iteration }),
      attempt: chance.oneIn(8) ? step.attempt + 1 - chance.below(3) : step.attempt,
      slot,
      outcome: answerOf(chance, step, slot, wait),
    };
    answered.push(message);
    applyIf(receiveAnswer(state, message, settling()));
    const late = pickOf(chance, answered);
    if (late !== undefined && chance.oneIn(3)) applyIf(receiveAnswer(state, late, settling()));
  };

  const skip = (): void => {
    const frame = pickOf(chance, framesOf(state));
    const step = frame && pickOf(chance, frame.steps);
    if (step === undefined) return;
    const { iteration } = step.frame;
    const payload = { by: 'ada', step_id: step.step.id, ...(iteration !== null && { iteration }) };
    for (const command of skipByHand(state, { ...payload, output: 'by hand' })) obey(command);
  };

  const crash = (): void => {
    crashes.push(log.length);
    state = refold(plan, log);
    markInterrupted(state);
    inFlight = [];
    apply(resumedEvent('worker-2'));
  };

  const pause = (): void => {
    apply(pausedEvent('ada'));
    now += 1_000 * chance.below(200);
    if (options.crashes === true) {
      crash();
      return;
    }
    apply(resumedEvent('worker-1', 'ada'));
  };

  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    now += chance.below(3);
    settleSome();
    if (chance.oneIn(3)) answer();
    if (chance.oneIn(25)) skip();
    if (options.crashes === true && chance.oneIn(30)) crash();
    if (inFlight.length === 0 && chance.oneIn(40)) pause();
    options.onTurn?.(state, now);
    const commands = decide(state, now, { maxStarts: 1 + chance.below(5) });
    for (const command of commands) obey(command);
    if (['completed', 'failed', 'timed_out'].includes(state.status)) return { state, log, crashes };
    const isIdle = commands.every(({ type }) => type === 'suspend');
    if (!isIdle || inFlight.length > 0) continue;
    const due = nextDueAt(state);
    if (due !== null && (state.waits.size === 0 || chance.oneIn(3))) now = Math.max(now, due);
  }
  throw new Error(`no end after ${String(MAX_TURNS)} turns`);
}

function answerOf(
  chance: Chance,
  { step, loop }: StepState,
  slot: number,
  wait: Wait | null,
): Parameters<typeof receiveAnswer>[1]['outcome'] {
  const error = { code: 'final', message: 'It broke', fault: 'remote', retryable: false } as const;
  if (chance.oneIn(6)) return { ok: false, error };
  if (loop !== null) {
    const from = slot * (loop.plan.shard_size ?? 1);
    return {
      ok: true,
      output: Array.from({ length: partSize(loop, slot) }, (_, at) => `part ${String(from + at)}`),
    };
  }
  const branches = wait?.type === 'verdict' ? ['retry', 'fail', 'succeed'] : step.ports;
  const branch = pickOf(chance, branches);
  return {
    ok: true,
    output: { answered: step.id },
    ...(branch !== undefined && !chance.oneIn(10) && { branch }),
  };
}

function startOf(state: ExecutionState): LogEvent[] {
  const queued = { type: 'queued', data: { workflow_version: 1, submitted_by: 'ada' } } as const;
  const data = { worker_id: 'worker-1', steps_total: state.root.steps.length };
  return [logged(queued, 1, T0), logged({ type: 'started', data }, 2, T0)];
}

function logged(event: NewEvent, seq: number, now: number): LogEvent {
  const timestamp = new Date(now).toISOString();
  return parseLogEvent({ type: event.type, seq, timestamp, data: jsonCopy(event.data) });
}

export function refold(plan: Plan, log: readonly LogEvent[]): ExecutionState {
  const state = createState(plan, { ...CONTEXT });
  for (const event of log) fold(state, event);
  return state;
}

/** Every frame that is under way, the outer ones first. */
export function framesOf({ root, handler }: ExecutionState): Frame[] {
  const found: Frame[] = [];
  const open: Frame[] = handler === null ? [root] : [root, handler.frame];
  for (let frame = open.shift(); frame !== undefined; frame = open.shift()) {
    found.push(frame);
    for (const { loop } of frame.steps) open.push(...(loop?.frames.values() ?? []));
  }
  return found;
}

export const nameOf = ({ step, frame }: StepState): string => `${step.id}@${frame.iteration ?? ''}`;

/** All that a state says, as JSON: two states are equal when this is. `ordered: false` leaves the order of sets out. */
export function dump(state: ExecutionState, { ordered = true } = {}): JsonValue {
  const names = (steps: Iterable<StepState>): string[] => {
    const list = Array.from(steps, nameOf);
    return ordered ? list : list.sort();
  };
  const { status, lastSeq, clock, startedAt, pausedAt, inputs, completedCount, iterations, usage } = state;
  return jsonCopy({
    ...{ status, lastSeq, clock, startedAt, pausedAt, inputs, completedCount, iterations, usage },
    failure: state.failure,
    handler: state.handler && { ...state.handler, frame: null },
    sets: {
      ready: names(state.ready),
      facts: names(state.facts),
      running: names(state.running),
      timers: names(state.timers),
      waits: names(state.waits),
      losers: names(state.losers),
    },
    unresolved: state.unresolvedOutputs.size,
    frames: framesOf(state).map((frame) => ({
      ...{ iteration: frame.iteration, begun: frame.begun, failure: frame.failure },
      settled: frame.settled.map(nameOf),
      scope: {
        ...frame.scope,
        steps: { ...frame.scope.steps },
        item: frame.scope.item,
        previous: frame.scope.previous,
      },
      steps: frame.steps.map(({ step, frame: _frame, loop, ...rest }) => ({
        ...{ id: step.id, ...rest },
        loop: loop && {
          ...{
            plan: loop.plan,
            items: loop.items,
            next: loop.next,
            ended: loop.ended,
            failure: loop.failure,
          },
          results: Array.from(loop.results, (result) => result ?? null),
        },
      })),
    })),
  });
}
