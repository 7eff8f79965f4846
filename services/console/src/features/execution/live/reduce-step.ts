import type { BlobReference, EventData, JsonValue, LogEvent, Usage } from '@millrace/contracts';
import { endPart, iterationsOf } from './iterations';
import type { AttemptView, StepView } from './view';

export type StepEvent = Extract<LogEvent, { type: `step_${string}` }>;

/** The step after one of its events, which happened `at` (milliseconds since 1970). */
export function reduceStep(step: StepView, event: StepEvent, at: number): StepView {
  switch (event.type) {
    case 'step_started':
      return start(step, event.data, at);
    case 'step_completed': {
      const { data } = event;
      const ended = { completedAtMs: at, durationMs: data.duration_ms, branch: data.branch ?? null };
      const output = outputOf(data);
      return settle({ ...step, ...ended, ...output, usage: sum(step.usage, data.usage) }, 'completed', at);
    }
    case 'step_failed': {
      const { error, handling, duration_ms: durationMs, usage } = event.data;
      const ended = { completedAtMs: at, durationMs, error, handling, usage: sum(step.usage, usage) };
      return settle({ ...step, ...ended }, 'failed', at, error);
    }
    case 'step_retrying': {
      const { error, usage } = event.data;
      const retryAtMs = Date.parse(event.data.retry_at);
      const history = endAttempt(step.history, { endedAtMs: at, outcome: 'failed', error, retryAtMs });
      return {
        ...{ ...step, history, error, retryAtMs, usage: sum(step.usage, usage) },
        ...{ status: 'retrying', wait: null, waitingSinceMs: null, dueAtMs: null },
      };
    }
    case 'step_skipped':
      return settle(
        { ...step, ...outputOf(event.data), completedAtMs: at, skipReason: event.data.reason },
        'skipped',
        at,
      );
    case 'step_reused': {
      const { from_execution: reusedFrom, branch = null } = event.data;
      return settle(
        { ...step, ...outputOf(event.data), completedAtMs: at, reusedFrom, branch },
        'completed',
        at,
      );
    }
    case 'step_discarded':
      return settle({ ...step, completedAtMs: at }, 'discarded', at);
    case 'step_waiting': {
      const history = changeLast(step.history, { askedAtMs: at });
      return { ...step, history, status: 'waiting', wait: event.data.wait, waitingSinceMs: at };
    }
    case 'step_iterating': {
      const { iterations } = step;
      if (iterations === null) return step;
      const begun = Math.max(iterations.begun, event.data.index - iterations.first + 1);
      return { ...step, iterations: { ...iterations, begun } };
    }
    case 'step_part_ended': {
      const { part, error, usage } = event.data;
      if (step.iterations === null) return step;
      const iterations = endPart(step.iterations, part, error !== undefined);
      return { ...step, iterations, usage: sum(step.usage, usage) };
    }
  }
}

function start(step: StepView, data: EventData<'step_started'>, at: number): StepView {
  const { attempt: number, wait = null, loop, due_at: due, input } = data;
  const activity = wait !== null ? 'waiting' : due !== undefined && !loop ? 'sleeping' : 'running';
  const attempt: AttemptView = {
    ...{ number, activity, startedAtMs: at },
    ...{ endedAtMs: null, askedAtMs: null, outcome: null, error: null, retryAtMs: null },
  };
  return {
    ...step,
    ...{ status: activity, attempts: number, wait, input, retryAtMs: null },
    startedAtMs: step.startedAtMs ?? at,
    waitingSinceMs: wait === null ? null : at,
    dueAtMs: due === undefined ? null : Date.parse(due),
    // An attempt that a dead worker left behind has no end in the log but the start of the next one.
    history: [...endAttempt(step.history, { endedAtMs: at, outcome: 'failed' }), attempt],
    iterations: loop ? iterationsOf(loop, step.kind) : step.iterations,
  };
}

type Outcome = 'completed' | 'failed' | 'skipped' | 'discarded';

function settle(
  step: StepView,
  outcome: Outcome,
  endedAtMs: number,
  error: AttemptView['error'] = null,
): StepView {
  return {
    ...{ ...step, status: outcome, wait: null, waitingSinceMs: null, retryAtMs: null, dueAtMs: null },
    history: endAttempt(step.history, { endedAtMs, outcome, error }),
  };
}

function endAttempt(history: readonly AttemptView[], end: Partial<AttemptView>): readonly AttemptView[] {
  return history.at(-1)?.endedAtMs === null ? changeLast(history, end) : history;
}

function changeLast(history: readonly AttemptView[], change: Partial<AttemptView>): readonly AttemptView[] {
  return history.map((attempt, index) =>
    index === history.length - 1 ? { ...attempt, ...change } : attempt,
  );
}

function outputOf(data: {
  output?: JsonValue | undefined;
  output_ref?: BlobReference | undefined;
}): Pick<StepView, 'output' | 'outputRef'> {
  return { output: data.output, outputRef: data.output_ref ?? null };
}

function sum(before: Usage | null, more: Usage | undefined): Usage | null {
  if (before === null || more === undefined) return more ?? before;
  const cost = before.cost_usd ?? more.cost_usd;
  return {
    input_tokens: before.input_tokens + more.input_tokens,
    output_tokens: before.output_tokens + more.output_tokens,
    ...(cost !== undefined && { cost_usd: (before.cost_usd ?? 0) + (more.cost_usd ?? 0) }),
  };
}
