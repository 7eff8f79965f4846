import { isSmallJson, type JsonValue } from '@millrace/contracts';
import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { type Exchange, serveIsolated } from '@millrace/isolation';
import { placeholderFor } from '../secrets/placeholders.js';
import { seededRandom } from './random.js';

export interface EvaluationRequest {
  expression: string;
  /** Undefined where it is the JSON beside the request: others then have their turn while it is written and sent. */
  scope: object | undefined;
  now: number;
  seed: number;
  /** Of the attempt, where its kind may name secrets. */
  secretNonce?: string | undefined;
}

/** A large value is the JSON beside the answer. */
export type EvaluationAnswer = Evaluated | { readonly ok: true };

/** A scope is an object by its origin. */
const parseScope: (json: string) => object = JSON.parse;

async function evaluate(request: EvaluationRequest, { text, send }: Exchange): Promise<EvaluationAnswer> {
  const { expression, scope, now, seed, secretNonce } = request;
  const secret =
    secretNonce === undefined ? undefined : (name: string): string => placeholderFor(secretNonce, name);
  const seen = scope ?? parseScope(text.join(''));
  const evaluated = await evaluateJsonata(expression, seen, { now, random: seededRandom(seed), secret });
  if (!evaluated.ok || isSmallJson(evaluated.value)) return evaluated;
  send(JSON.stringify(evaluated.value satisfies JsonValue));
  return { ok: true };
}

serveIsolated(evaluate);
