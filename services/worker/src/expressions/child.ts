import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { serveIsolated } from '@millrace/isolation';
import { placeholderFor } from '../secrets/placeholders.js';
import { seededRandom } from './random.js';

export interface EvaluationRequest {
  expression: string;
  scope: object;
  now: number;
  seed: number;
  /** Of the attempt, where its kind may name secrets. */
  secretNonce?: string | undefined;
}

serveIsolated(({ expression, scope, now, seed, secretNonce }: EvaluationRequest): Promise<Evaluated> => {
  const secret =
    secretNonce === undefined ? undefined : (name: string): string => placeholderFor(secretNonce, name);
  return evaluateJsonata(expression, scope, { now, random: seededRandom(seed), secret });
});
