import { type JsonObject, type LogLine, toExecutionId } from '@millrace/contracts';
import type { ResolvedStep, StepState } from '@millrace/engine';
import type { SharedBudget } from '@millrace/outbound';
import type { Claim } from '@millrace/runtime';
import { seededRandom } from '../expressions/random.js';
import type { AttemptSecrets } from '../secrets/attempt-secrets.js';
import type { RedactedStream } from '../secrets/stream.js';
import type { StepContext } from '../steps/types.js';
import { MAX_LINE_LENGTH, MAX_LINES_PER_ATTEMPT } from '../telemetry.js';
import type { Attempt, AttemptTools } from './attempt.js';

/** Of an attempt that names none. */
export const NO_SECRETS: AttemptSecrets = {
  ofStep: { reveal: (value) => value, redact: (value) => value },
  redactor: {
    text: (text) => text,
    json: (value) => value,
    jsonInTurns: (value) => Promise.resolve(value),
    stream: (emit) => ({ push: emit, end: () => undefined }),
  },
};

/** What a step sees and may do, made for one attempt. */
export function createStepContext(
  claim: Claim,
  attempt: Attempt,
  resolved: ResolvedStep,
  tools: AttemptTools,
  { ofStep, redactor }: AttemptSecrets,
): StepContext & { endTokens(): void } {
  const { step, number, now, current } = attempt;
  const { executionId, workflowId, rootId } = claim;
  const { scope, iteration } = current.frame;
  const place = iteration === null ? {} : { iteration };
  const budget = budgetOf(claim, attempt, tools.door);
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

/** Undefined where no budget can be meant: it is that of the execution, or of one that waits for it (rule B3). */
function budgetOf(
  { executionId, plan, parentId }: Claim,
  { controller: { signal } }: Attempt,
  door: AttemptTools['door'],
): SharedBudget | undefined {
  if (plan.budget === null && parentId === null) return undefined;
  return {
    async left() {
      const { tokens, costUsd } = await door.budgetLeft(executionId, signal);
      return { ...(tokens !== null && { tokens }), ...(costUsd !== null && { costUsd }) };
    },
    spend: (used) => door.spendBudget(executionId, used, signal),
  };
}

/** The same for all attempts of a step and iteration, also of a retried execution. */
export function idempotencyKey(rootId: string, { step, frame }: StepState): string {
  return `${toExecutionId(rootId)}/${step.id}/${frame.iteration ?? '0'}`;
}
