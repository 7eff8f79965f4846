import { evaluateExpression, type Evaluated } from '@millrace/engine';
import type { EvaluationRequest } from './evaluator';

/** Evaluates expressions where they can be ended: one that never finishes takes this worker along and nothing else. */
addEventListener('message', ({ data }: MessageEvent<EvaluationRequest>) => {
  void answer(data);
});

async function answer({ id, language, text, scope, nowMs }: EvaluationRequest): Promise<void> {
  const bindings = { now: nowMs, random: Math.random, secret: (name: string) => `••• ${name} •••` };
  const result: Evaluated = await evaluateExpression(language, text, scope, bindings);
  postMessage({ id, result });
}
