import type { ExecutionError } from '@millrace/contracts';
import { compileCel } from './expressions/cel.js';
import { stepFailed, stepIterating } from './events.js';
import { STEP_ERROR_CODES } from './retry.js';
import { loopOutput, resultAt } from './state/loops.js';
import type { Command } from './command.js';
import type { Evaluated } from './expressions/evaluated.js';
import type { EpochMs, ExecutionState, Loop, StepState } from './state/state.js';

/** What follows when no iteration is under way and none may begin by itself (rules L2 to L4). */
export function nextOfLoop(state: ExecutionState, current: StepState, loop: Loop, now: EpochMs): Command {
  const durationMs = Math.max(0, now - current.startedAt);
  const failed = (error: ExecutionError): Command => ({
    type: 'append',
    event: stepFailed(state, current, current.attempt, { error, durationMs }),
  });
  if (loop.failure !== null) return failed(loop.failure);
  if (current.step.kind === 'repeat') {
    const more = wantsMore(current, loop);
    if (!more.ok) return failed(more.error);
    if (more.value) {
      const limit = Number(current.step.config['max_iterations'] ?? 100);
      if (loop.next < limit) return { type: 'append', event: stepIterating(state, current, loop.next) };
      if (isAskingForMore(current)) return failed(limitError(limit));
    }
  }
  return { type: 'collect', step: current, output: loopOutput(current), durationMs };
}

/** With a condition and `on_limit: fail`, reaching the limit is a failure; without a condition it is the plan. */
function isAskingForMore({ step: { config } }: StepState): boolean {
  const hasCondition = config['while'] !== undefined || config['until'] !== undefined;
  return hasCondition && config['on_limit'] !== 'complete';
}

function wantsMore({ step: { config }, frame: { scope } }: StepState, loop: Loop): Evaluated<boolean> {
  const { next } = loop;
  const previous = resultAt(loop, next - 1);
  const { until } = config;
  if (typeof until === 'string') {
    const done = ask(until, {
      ...scope,
      index: next - 1,
      previous: resultAt(loop, next - 2),
      output: previous,
    });
    return done.ok ? { ok: true, value: !done.value } : done;
  }
  const condition = config['while'];
  return typeof condition === 'string'
    ? ask(condition, { ...scope, index: next, previous })
    : { ok: true, value: true };
}

function ask(text: string, scope: object): Evaluated<boolean> {
  const compiled = compileCel(text);
  if (compiled.ok) return compiled.value.evaluateBoolean(scope);
  const { message } = compiled;
  return { ok: false, error: { code: 'expression_invalid', message, fault: 'workflow', retryable: false } };
}

function limitError(limit: number): ExecutionError {
  return {
    code: STEP_ERROR_CODES.repeatLimit,
    message: `The condition still asks for more after ${limit} iterations; raise max_iterations, or set on_limit to "complete"`,
    fault: 'workflow',
    retryable: false,
  };
}
