import type { JsonObject } from '@millrace/contracts';
import type { Evaluated, ExpressionLanguage } from '@millrace/engine';

export interface EvaluationRequest {
  readonly id: number;
  readonly language: ExpressionLanguage;
  readonly text: string;
  readonly scope: JsonObject;
  readonly nowMs: number;
}
interface EvaluationAnswer {
  readonly id: number;
  readonly result: Evaluated;
}

/** The part of a Worker that is used; tests bring their own. */
export interface EvaluationWorker {
  postMessage(request: EvaluationRequest): void;
  addEventListener(type: 'message', listener: (event: { data: EvaluationAnswer }) => void): void;
  terminate(): void;
}

export const TIME_LIMIT_MS = 1_000;

export type Evaluate = (language: ExpressionLanguage, text: string, scope: JsonObject) => Promise<Evaluated>;

/**
 * Evaluates one expression after the other in a worker of its own. One that takes too long is ended with its worker, and
 * says so; those behind it get a new one.
 */
export function createEvaluator(makeWorker: () => EvaluationWorker, limitMs = TIME_LIMIT_MS): Evaluate {
  let worker: EvaluationWorker | undefined;
  let waiting: { id: number; settle: (result: Evaluated) => void } | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let lastId = 0;

  function running(): EvaluationWorker {
    if (worker) return worker;
    worker = makeWorker();
    worker.addEventListener('message', ({ data }) => {
      if (data.id === waiting?.id) waiting.settle(data.result);
    });
    return worker;
  }

  const run = (request: EvaluationRequest): Promise<Evaluated> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        worker?.terminate();
        worker = undefined;
        resolve(tooSlow(limitMs));
      }, limitMs);
      const settle = (result: Evaluated): void => {
        clearTimeout(timer);
        resolve(result);
      };
      waiting = { id: request.id, settle };
      running().postMessage(request);
    });

  return (language, text, scope) => {
    lastId += 1;
    const request = { id: lastId, language, text, scope, nowMs: Date.now() };
    const result = queue.then(() => run(request));
    queue = result;
    return result;
  };
}

function tooSlow(limitMs: number): Evaluated {
  const message = `it takes longer than ${limitMs / 1_000} s, the limit here`;
  return { ok: false, error: { code: 'expression_timeout', message, fault: 'workflow', retryable: false } };
}

/** The page's evaluator. */
export const evaluate: Evaluate = createEvaluator(
  () => new Worker(new URL('./evaluation.worker.ts', import.meta.url), { type: 'module' }),
);
