import { isSmallJson, type JsonValue } from '@millrace/contracts';
import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { serveIsolated } from '@millrace/isolation';
import { placeholderFor } from '../secrets/placeholders.js';
import { seededRandom } from './random.js';

export interface EvaluationRequest {
  expression: string;
  /** As JSON text where it is large: the other side then has others take their turn while it writes and reads. */
  scope: { value: object } | { json: string };
  now: number;
  seed: number;
  /** Of the attempt, where its kind may name secrets. */
  secretNonce?: string | undefined;
}

/** As the request, so the answer: a large value is text. */
export type EvaluationAnswer = Evaluated | { readonly ok: true; readonly json: string };

/** A scope is an object by its origin. */
const parseScope: (json: string) => object = JSON.parse;

async function evaluate(request: EvaluationRequest): Promise<EvaluationAnswer> {
  const { expression, scope, now, seed, secretNonce } = request;
  const secret =
    secretNonce === undefined ? undefined : (name: string): string => placeholderFor(secretNonce, name);
  const seen = 'json' in scope ? parseScope(scope.json) : scope.value;
  const evaluated = await evaluateJsonata(expression, seen, { now, random: seededRandom(seed), secret });
  if (!evaluated.ok || isSmallJson(evaluated.value)) return evaluated;
  return { ok: true, json: JSON.stringify(evaluated.value satisfies JsonValue) };
}

serveIsolated(evaluate);
