import {
  definition,
  jsonObject,
  jsonValue,
  type JsonObject,
  type JsonValue,
  type LoopPlan,
  type NewEvent,
  type Wait,
} from '@millrace/contracts';
import {
  compile,
  createState,
  decide,
  executionStarted,
  fold,
  nextDueAt,
  queuedEvent,
  settle,
  stepCompleted,
  stepStarted,
  type Command,
  type ExecutionContext,
  type ExecutionState,
  type Outcome,
  type Plan,
  type PlanStep,
  type StepState,
} from '../../src/index.js';

/** `set` unless told otherwise. */
export function node(id: string, data: Record<string, unknown> = {}, type = 'set') {
  const config = type === 'set' ? { values: {} } : type === 'condition' ? { expression: 'true' } : {};
  return { id, type, data: { config, ...data } };
}

/** `a -> b` or `a -true-> b`, several separated by commas. */
export function edges(text: string) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(\S+) -(?:(\w+)-)?> (\S+)$/.exec(part);
      if (match === null) throw new Error(`not an edge: ${part}`);
      const [, source = '', label, target = ''] = match;
      return { source, target, ...(label === undefined ? {} : { label }) };
    });
}

export function define(nodes: readonly unknown[], edgeText = '', more: Record<string, unknown> = {}) {
  return definition.parse({ name: 'Test', nodes, edges: edges(edgeText), ...more });
}

export function planOf(nodes: readonly unknown[], edgeText = '', more: Record<string, unknown> = {}): Plan {
  const result = compile(define(nodes, edgeText, more));
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.plan;
}

export const CONTEXT: ExecutionContext = {
  executionId: 'exec_01936d5e-8f00-7abc-8def-0123456789ab',
  workflowId: 'wf_test',
  workflowName: 'Test',
  workflowVersion: 1,
  parameters: { amount: 7 },
  owner: 'ada',
  submittedBy: 'ada',
  rootId: 'exec_01936d5e-8f00-7abc-8def-0123456789ab',
  createdAt: '2026-01-01T00:00:00.000Z',
};

export const T0 = Date.parse('2026-01-01T00:00:01.000Z');

/** A state that has been queued and started at T0. */
export function startedState(plan: Plan, context: ExecutionContext = CONTEXT): ExecutionState {
  const state = createState(plan, context);
  fold(state, queuedEvent({ workflow_version: 1, submitted_by: 'ada' }), T0);
  fold(state, executionStarted(state, 'worker-1'), T0);
  return state;
}

export const failure = (code = 'boom', retryable = true): Outcome => ({
  ok: false,
  error: { code, message: 'It broke', fault: 'remote', retryable },
});

/** What a value is after the way through the log. */
export function jsonCopy(value: unknown): JsonValue {
  return jsonValue.parse(JSON.parse(JSON.stringify(value)));
}

export function jsonObjectCopy(value: JsonObject): JsonObject {
  return jsonObject.parse(JSON.parse(JSON.stringify(value)));
}

export const success = (output: unknown = null, branch?: string): Outcome => ({
  ok: true,
  output: jsonCopy(output),
  ...(branch === undefined ? {} : { branch }),
});

/** What running a step comes to; `sleep` makes it a delay of so many milliseconds. */
export type Behaviour = (
  step: PlanStep,
  attempt: number,
  current: StepState,
) => Outcome | { readonly sleep: number } | { readonly loop: LoopPlan } | { readonly wait: Wait };

export interface Ran {
  readonly state: ExecutionState;
  readonly events: readonly NewEvent[];
  /** Ids of started steps in the order of their starts. */
  readonly starts: readonly string[];
}

export const succeed: Behaviour = (step) =>
  success({ from: step.id }, step.ports.length > 0 ? 'true' : undefined);

/**
 * A shell in miniature: obeys every command, settles one running attempt at a time (`pick` chooses which), and moves the time when
 * nothing but time can help. Ends with the execution, or when it
 * waits for something outside.
 */
export function run(
  state: ExecutionState,
  behaviour: Behaviour = succeed,
  options: { pick?: (count: number) => number; onEvent?: (event: NewEvent) => void; maxRounds?: number } = {},
): Ran {
  const events: NewEvent[] = [];
  const starts: string[] = [];
  const inFlight: { readonly step: StepState; readonly attempt: number; readonly outcome: Outcome }[] = [];
  let now = Math.max(T0, state.clock);
  const apply = (event: NewEvent): void => {
    fold(state, event, now);
    events.push(event);
    options.onEvent?.(event);
  };
  const obey = (command: Command): void => {
    switch (command.type) {
      case 'start': {
        const result = behaviour(command.step.step, command.attempt, command.step);
        starts.push(command.step.step.id);
        if ('sleep' in result) {
          apply(stepStarted(state, command.step, { attempt: command.attempt, dueAt: now + result.sleep }));
        } else if ('loop' in result || 'wait' in result) {
          apply(stepStarted(state, command.step, { attempt: command.attempt, ...result }));
        } else {
          apply(stepStarted(state, command.step, { attempt: command.attempt }));
          inFlight.push({ step: command.step, attempt: command.attempt, outcome: result });
        }
        return;
      }
      case 'collect': {
        const { step, output, durationMs } = command;
        apply(stepCompleted(state, step, { attempt: step.attempt, durationMs, output: jsonCopy(output) }));
        return;
      }
      case 'settle': {
        const settling = { now, random: () => 0.5, durationMs: 1 };
        const event = settle(state, command.step, command.attempt, command.outcome, settling);
        if (event !== null) apply(event);
        return;
      }
      case 'append':
      case 'abort':
      case 'finish':
        apply(command.event);
        return;
      case 'suspend':
        return;
    }
  };
  for (let round = 0; round < (options.maxRounds ?? 100_000); round += 1) {
    const commands = decide(state, now);
    const effective = commands.filter((command) => command.type !== 'suspend');
    if (effective.length > 0) {
      effective.forEach(obey);
      continue;
    }
    if (state.status !== 'running') return { state, events, starts };
    const [attempt] = inFlight.splice((options.pick ?? (() => 0))(inFlight.length), 1);
    if (attempt !== undefined) {
      now += 1;
      const event = settle(state, attempt.step, attempt.attempt, attempt.outcome, {
        now,
        random: () => 0.5,
        durationMs: 1,
      });
      if (event !== null) apply(event);
      continue;
    }
    const due = nextDueAt(state);
    if (due === null && state.waits.size > 0) return { state, events, starts };
    if (due === null) throw new Error('nothing to do and nothing due');
    now = Math.max(now, due);
  }
  throw new Error('too many rounds');
}
