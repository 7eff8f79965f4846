import { createHash } from 'node:crypto';
import {
  type ExecutionError,
  type JsonObject,
  type JsonValue,
  type LogLine,
  descriptorOf,
  toExecutionId,
} from '@millrace/contracts';
import {
  type Evaluated,
  type ExecutionState,
  type PlanStep,
  type ResolvedStep,
  resolveStep,
  type StepState,
  toPlainJson,
} from '@millrace/engine';
import type { Claim, WorkerDoor } from '@millrace/runtime';
import type { Evaluator } from '../expressions/evaluator.js';
import { seededRandom } from '../expressions/random.js';
import { type AttemptSecrets, openSecrets } from '../secrets/attempt-secrets.js';
import { Placeholders } from '../secrets/placeholders.js';
import type { Redactor } from '../secrets/redactor.js';
import type { StepContext, StepImplementation, StepOutcome } from '../steps/types.js';
import type { RedactedStream } from '../secrets/stream.js';
import { MAX_LINE_LENGTH, MAX_LINES_PER_ATTEMPT, type Telemetry } from '../telemetry.js';

/** Largest output of one step, bytes of JSON; anything bigger belongs into a store of its own. */
export const MAX_OUTPUT_BYTES = 20_000_000;

const NO_SECRETS: AttemptSecrets = {
  ofStep: { reveal: (value) => value, redact: (value) => value },
  redactor: {
    text: (text) => text,
    json: (value) => value,
    jsonInTurns: (value) => Promise.resolve(value),
    stream: (emit) => ({ push: emit, end: () => undefined }),
  },
};

export interface AttemptTools {
  evaluator: Evaluator;
  telemetry: Telemetry;
  door: Pick<WorkerDoor, 'readSecrets'>;
}

/** One try of one step, and the means to stop it. What most steps never ask for is made when they do. */
export class Attempt {
  readonly controller = new AbortController();
  readonly step: PlanStep;
  readonly #executionId: string;
  #seed: number | undefined;
  #placeholders: Placeholders | undefined;

  constructor(
    executionId: string,
    readonly current: StepState,
    readonly number: number,
    /** What `$now()` answers, milliseconds since 1970. */
    readonly now: number,
  ) {
    this.#executionId = executionId;
    this.step = current.step;
  }

  /** What stands for the secrets that the step names; undefined for kinds that may name none. */
  get placeholders(): Placeholders | undefined {
    if (descriptorOf(this.step.kind).allowsSecrets === true) this.#placeholders ??= new Placeholders();
    return this.#placeholders;
  }

  /** Of `$random()`, from 0 to below 1: shared by every attempt of a step, so that a repeated pure step draws the same numbers. */
  get seed(): number {
    this.#seed ??= seedOf(this.#executionId, this.step.id, this.current.frame.iteration);
    return this.#seed;
  }
}

function seedOf(executionId: string, stepId: string, iteration: string | null): number {
  const place = iteration === null ? stepId : `${stepId}/${iteration}`;
  const digest = createHash('sha256').update(`${executionId}/${place}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

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

function redactError(error: ExecutionError, by: Pick<Redactor, 'text' | 'json'>): ExecutionError {
  const { message, details } = error;
  return { ...error, message: by.text(message), ...(details !== undefined && { details: by.json(details) }) };
}

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
): StepOutcome | Promise<StepOutcome> {
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
      return outcome.ok
        ? { ...outcome, output: await redactor.jsonInTurns(outcome.output) }
        : { ...outcome, error: redactError(outcome.error, redactor) };
    } catch (error) {
      return { ok: false, error: signal.aborted ? abortError() : defect(error) };
    }
  })();
}

function perform(
  context: StepContext,
  attempt: Attempt,
  implementation: StepImplementation,
): StepOutcome | Promise<StepOutcome> {
  let outcome: StepOutcome | Promise<StepOutcome>;
  try {
    outcome = implementation.run(context);
  } catch (error) {
    return { ok: false, error: defect(error) };
  }
  if (!(outcome instanceof Promise)) return toStorable(outcome);
  return bounded(attempt, outcome);
}

function bounded(attempt: Attempt, running: Promise<StepOutcome>): Promise<StepOutcome> {
  const { step, controller } = attempt;
  return new Promise((resolve) => {
    const finish = (outcome: StepOutcome): void => {
      clearTimeout(timer);
      controller.signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => {
      finish({ ok: false, error: abortError() });
    };
    const timer =
      step.timeoutMs === null
        ? undefined
        : setTimeout(
            () => {
              // Settled before the abort, so that the timeout is what is recorded.
              finish({ ok: false, error: timeoutError(step.timeoutMs ?? 0) });
              controller.abort();
            },
            Math.min(step.timeoutMs, 2 ** 31 - 1),
          );
    controller.signal.addEventListener('abort', onAbort);
    running.then(
      (outcome) => {
        finish(toStorable(outcome));
      },
      (error: unknown) => {
        finish({ ok: false, error: defect(error) });
      },
    );
  });
}

/** A JSON round trip, so that live and replayed values are equal, and limits that the database would otherwise enforce. */
export function toStorable(outcome: StepOutcome): StepOutcome {
  if (!outcome.ok) return outcome;
  const plain = toPlainJson(outcome.output, MAX_OUTPUT_BYTES);
  if (!plain.ok) {
    return {
      ok: false,
      error: { ...plain.error, code: plain.error.code.replace('expression_result', 'output') },
    };
  }
  return { ...outcome, output: plain.value };
}

function createStepContext(
  claim: Claim,
  attempt: Attempt,
  resolved: ResolvedStep,
  tools: AttemptTools,
  { ofStep, redactor }: AttemptSecrets,
): StepContext & { endTokens(): void } {
  const { step, number, now, current } = attempt;
  const { executionId, workflowId, rootId, state } = claim;
  const { scope, iteration } = current.frame;
  const place = iteration === null ? {} : { iteration };
  const budget = budgetLeft(state);
  let lines = 0;

  function transient(type: 'progress' | 'token', data: JsonObject): void {
    tools.telemetry.frame({
      type,
      execution_id: toExecutionId(executionId),
      workflow_id: workflowId,
      data: { step_id: step.id, attempt: number, ...place, ...data },
    });
  }

  /** One for each source: a secret in pieces is found among the words of the same one. */
  const tokens = new Map<string, RedactedStream>();

  function tokensOf(source: JsonObject): RedactedStream {
    const key = JSON.stringify(source);
    const known = tokens.get(key);
    if (known !== undefined) return known;
    const made = redactor.stream((text) => {
      transient('token', { text, ...source });
    });
    tokens.set(key, made);
    return made;
  }

  function log(level: LogLine['level'], message: string): void {
    if (lines >= MAX_LINES_PER_ATTEMPT) return;
    lines += 1;
    const text =
      lines === MAX_LINES_PER_ATTEMPT
        ? 'The step logged more lines; they were dropped.'
        : redactor.text(message);
    tools.telemetry.line(
      {
        executionId,
        step_id: step.id,
        ...place,
        attempt: number,
        line: lines,
        at: new Date(),
        level,
        message: text.slice(0, MAX_LINE_LENGTH),
      },
      workflowId,
    );
  }

  return {
    step,
    attempt: number,
    iteration,
    config: resolved.config,
    input: resolved.input,
    scope,
    ...(budget && { budget }),
    idempotencyKey: idempotencyKey(rootId, current),
    get signal() {
      return attempt.controller.signal;
    },
    now,
    get random() {
      return seededRandom(attempt.seed);
    },
    secrets: ofStep,
    evaluate: (expression, scope) => tools.evaluator.evaluate({ expression, scope, attempt }),
    log,
    progress(percent, message) {
      const shown = message === undefined ? {} : { message: redactor.text(message) };
      transient('progress', { progress: Math.round(percent), ...shown });
    },
    token(text, source = {}) {
      tokensOf(source).push(text);
    },
    endTokens() {
      for (const stream of tokens.values()) stream.end();
    },
  };
}

/** What the workflow's budget leaves for model calls; undefined without one. Steps that run at once share it unevenly. */
function budgetLeft({ plan, usage }: ExecutionState): StepContext['budget'] {
  if (plan.budget === null) return undefined;
  const { tokens, costUsd } = plan.budget;
  return {
    ...(tokens !== null && { tokens: Math.max(0, tokens - usage.input_tokens - usage.output_tokens) }),
    ...(costUsd !== null && { costUsd: Math.max(0, costUsd - (usage.cost_usd ?? 0)) }),
  };
}

/** The same for all attempts of a step and iteration, also of a retried execution. */
export function idempotencyKey(rootId: string, { step, frame }: StepState): string {
  return `${toExecutionId(rootId)}/${step.id}/${frame.iteration ?? '0'}`;
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
