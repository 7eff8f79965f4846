import { inTurns, isSmallJson, JsonLimitError, type JsonPieces, parseJsonSlices } from '@millrace/contracts';
import { compileJsonata } from '@millrace/engine';
import { createProcessPool, type IsolatedResult, siblingScript } from '@millrace/isolation';
import { placeholderFor, type Placeholders } from '../secrets/placeholders.js';
import { OUTPUT_LIMITS, toJsonText } from '../run/storable.js';
import type { WithText } from '../steps/types.js';
import type { EvaluationAnswer, EvaluationRequest } from './child.js';

export interface Evaluation {
  expression: string;
  scope: object;
  /** Whose clock, seed and end it shares; asked only by expressions that run apart. */
  attempt: {
    readonly now: number;
    readonly seed: number;
    readonly controller: AbortController;
    /** What stands for secrets; undefined where the kind of step may not name any. */
    readonly placeholders?: Placeholders | undefined;
  };
}

export interface Evaluator {
  /** Plain paths are answered at once; anything else runs in a process of its own and is ended after `timeoutMs`. */
  evaluate(evaluation: Evaluation): WithText | Promise<WithText>;
  stop(): Promise<void>;
}

export interface EvaluatorOptions {
  processes: number;
  timeoutMs: number;
  /** Of one process's heap. */
  maxHeapMb: number;
}

function failure(code: string, message: string): WithText {
  return { ok: false, error: { code, message, fault: 'workflow', retryable: false } };
}

/**
 * Expressions that may block (regular expressions, sorting, functions over large arrays) run apart, so that one
 * workflow's expression cannot stop the others' heartbeats. Only the one that runs over its time or its memory fails.
 */
export function createEvaluator({ processes, timeoutMs, maxHeapMb }: EvaluatorOptions): Evaluator {
  const script = siblingScript('./child', import.meta.url);
  const pool = createProcessPool<EvaluationRequest, EvaluationAnswer>({ script, processes, maxHeapMb });

  async function read(answer: EvaluationAnswer, json: JsonPieces): Promise<WithText> {
    if (!answer.ok || 'value' in answer) return answer;
    try {
      return { ok: true, value: await inTurns(parseJsonSlices(json, OUTPUT_LIMITS)), json };
    } catch (error) {
      if (!(error instanceof JsonLimitError)) throw error;
      return failure(
        'expression_result_too_large',
        `The result of the expression is too large: ${error.message}`,
      );
    }
  }

  function toEvaluated(result: IsolatedResult<EvaluationAnswer>): WithText | Promise<WithText> {
    switch (result.kind) {
      case 'answered':
        return read(result.answer, result.text ?? []);
      case 'timeout':
        return failure(
          'expression_limit',
          `The expression ran longer than ${String(timeoutMs / 1_000)} seconds`,
        );
      case 'aborted':
        return failure('aborted', 'The step was stopped');
      case 'died':
        return failure(
          'expression_limit',
          `The expression was ended, most likely because it needs more than ${String(maxHeapMb)} MB of memory (${result.message})`,
        );
    }
  }

  return {
    evaluate({ expression, scope, attempt }) {
      const compiled = compileJsonata(expression);
      if (!compiled.ok) return failure('expression_invalid', `JSONata: ${compiled.message}`);
      if (!compiled.value.needsThread) return compiled.value.evaluateSync(scope);
      const { secretNames, wholeSecret } = compiled.value;
      const secretNonce = secretNames.length === 0 ? undefined : attempt.placeholders?.nonce;
      if (wholeSecret !== null && secretNonce !== undefined) {
        return { ok: true, value: placeholderFor(secretNonce, wholeSecret) };
      }
      const { now, seed, controller } = attempt;
      const { signal } = controller;
      const ask = (seen: object | undefined, text?: JsonPieces): Promise<WithText> =>
        pool
          .run(
            { expression, scope: seen, now, seed, secretNonce },
            { timeoutMs, signal, ...(text && { text }) },
          )
          .then(toEvaluated);
      if (isSmallJson(scope)) return ask(scope);
      return toJsonText(scope).then((json) => ask(undefined, json));
    },
    stop: () => pool.stop(),
  };
}
