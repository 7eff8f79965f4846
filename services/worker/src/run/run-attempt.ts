import type { ExecutionError, JsonPieces } from '@millrace/contracts';
import type { ResolvedStep } from '@millrace/engine';
import type { Claim } from '@millrace/runtime';
import { openSecrets } from '../secrets/attempt-secrets.js';
import type { StepContext, StepImplementation, StepOutcome } from '../steps/types.js';
import type { Attempt, AttemptTools } from './attempt.js';
import { startTimer } from './long-timer.js';
import { redactError } from './resolve-attempt.js';
import { type Storable, toJsonText, toStorable } from './storable.js';
import { createStepContext, NO_SECRETS } from './step-context.js';

/**
 * Runs an implementation. Never rejects: what it throws is recorded as a defect, and a result that comes after the
 * limit of time or an abort is ignored, whether the implementation heeds its signal or not.
 */
export function runAttempt(
  claim: Claim,
  attempt: Attempt,
  resolved: ResolvedStep,
  implementation: StepImplementation,
  tools: AttemptTools,
): StoredOutcome | Promise<StoredOutcome> {
  const { placeholders, controller } = attempt;
  const names = placeholders?.namesIn([resolved.config, resolved.input]) ?? [];
  if (placeholders === undefined || names.length === 0) {
    return perform(createStepContext(claim, attempt, resolved, tools, NO_SECRETS), attempt, implementation);
  }
  return (async () => {
    const { signal } = controller;
    try {
      const opened = await openSecrets({
        ...{ executionId: claim.executionId, names, placeholders, door: tools.door, signal },
      });
      if (!opened.ok) return opened;
      const { redactor } = opened.secrets;
      const context = createStepContext(claim, attempt, resolved, tools, opened.secrets);
      const outcome = await perform(context, attempt, implementation);
      context.endTokens();
      if (!outcome.ok) return { ...outcome, error: redactError(outcome.error, redactor) };
      const output = await redactor.jsonInTurns(outcome.output);
      return { ...outcome, output, json: await toJsonText(output) };
    } catch (error) {
      return { ok: false, error: signal.aborted ? abortError() : defect(error) };
    }
  })();
}

function perform(
  context: StepContext,
  attempt: Attempt,
  implementation: StepImplementation,
): StoredOutcome | Promise<StoredOutcome> {
  let outcome: StepOutcome | Promise<StepOutcome>;
  try {
    outcome = implementation.run(context);
  } catch (error) {
    return { ok: false, error: defect(error) };
  }
  if (!(outcome instanceof Promise)) return toStored(outcome);
  return bounded(attempt, outcome);
}

function bounded(attempt: Attempt, running: Promise<StepOutcome>): Promise<StoredOutcome> {
  const { step, controller } = attempt;
  return new Promise((resolve) => {
    const finish = (outcome: StoredOutcome): void => {
      stopTimer?.();
      controller.signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => {
      finish({ ok: false, error: abortError() });
    };
    const { timeoutMs } = step;
    const stopTimer =
      timeoutMs === null
        ? undefined
        : startTimer(timeoutMs, () => {
            // Settled before the abort, so that the timeout is what is recorded.
            finish({ ok: false, error: timeoutError(timeoutMs) });
            controller.abort();
          });
    controller.signal.addEventListener('abort', onAbort);
    running.then(toStored).then(finish, (error: unknown) => {
      finish({ ok: false, error: defect(error) });
    });
  });
}

/** What became of an attempt, with the text of its output. */
export type StoredOutcome =
  (Extract<StepOutcome, { ok: true }> & { readonly json: JsonPieces }) | Extract<StepOutcome, { ok: false }>;

function toStored(outcome: StepOutcome): StoredOutcome | Promise<StoredOutcome> {
  if (!outcome.ok) return outcome;
  const stored = (storable: Storable): StoredOutcome =>
    storable.ok ? { ...outcome, output: storable.value, json: storable.json } : storable;
  const storable = toStorable(outcome.output, outcome.json);
  return storable instanceof Promise ? storable.then(stored) : stored(storable);
}

function timeoutError(timeoutMs: number): ExecutionError {
  const message = `The step ran longer than its limit of ${String(timeoutMs / 1_000)} seconds`;
  return { code: 'step_timeout', message, fault: 'remote', retryable: true };
}

export function abortError(): ExecutionError {
  return { code: 'aborted', message: 'The step was stopped', fault: 'caller', retryable: false };
}

function defect(error: unknown): ExecutionError {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Millrace failed to run the step: ${message}`,
    fault: 'platform',
    retryable: true,
  };
}
