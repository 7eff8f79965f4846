import type { ExecutionError, JsonValue } from '@millrace/contracts';
import { type Evaluated, type ResolvedStep, resolveStep } from '@millrace/engine';
import type { Claim } from '@millrace/runtime';
import type { Redactor } from '../secrets/redactor.js';
import type { Attempt, AttemptTools } from './attempt.js';

/** Fills in configuration and input, in a process of its own where an expression may block. */
export function resolveAttempt(
  claim: Claim,
  attempt: Attempt,
  tools: AttemptTools,
): Evaluated<ResolvedStep> | Promise<Evaluated<ResolvedStep>> {
  const resolution = resolveStep(claim.state, attempt.current);
  if (!resolution.needsThread) return resolution.result;
  const { scope } = attempt.current.frame;
  const { expressions, assemble } = resolution;
  const values: JsonValue[] = [];

  function take(evaluated: Evaluated): Evaluated<ResolvedStep> | undefined {
    if (!evaluated.ok) return { ok: false, error: redactError(evaluated.error, hidingPlaceholders(attempt)) };
    values.push(evaluated.value);
    return values.length < expressions.length ? undefined : assemble(values);
  }

  /** Some are answered at once: what they yield is then known before the step starts, and recorded. */
  function next(): Evaluated<ResolvedStep> | Promise<Evaluated<ResolvedStep>> {
    for (;;) {
      const expression = expressions[values.length] ?? '';
      const evaluated = tools.evaluator.evaluate({ expression, scope, attempt });
      if (evaluated instanceof Promise) return evaluated.then((later) => take(later) ?? next());
      const taken = take(evaluated);
      if (taken !== undefined) return taken;
    }
  }

  return next();
}

/** As it may be recorded: `[secret:name]` where a secret will be. */
export function recordable(attempt: Attempt, resolved: ResolvedStep): ResolvedStep {
  const { placeholders } = attempt;
  if (placeholders === undefined) return resolved;
  return { config: placeholders.hide(resolved.config), input: placeholders.hide(resolved.input) };
}

function hidingPlaceholders({ placeholders }: Attempt): Pick<Redactor, 'text' | 'json'> {
  return {
    text: (text) => placeholders?.hide(text) ?? text,
    json: (value) => placeholders?.hide(value) ?? value,
  };
}

export function redactError(error: ExecutionError, by: Pick<Redactor, 'text' | 'json'>): ExecutionError {
  const { message, details } = error;
  return { ...error, message: by.text(message), ...(details !== undefined && { details: by.json(details) }) };
}
