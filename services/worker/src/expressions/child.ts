import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { serveIsolated } from '@millrace/isolation';
import { seededRandom } from './random.js';

export interface EvaluationRequest {
  expression: string;
  scope: object;
  now: number;
  seed: number;
}

serveIsolated(({ expression, scope, now, seed }: EvaluationRequest): Promise<Evaluated> =>
  evaluateJsonata(expression, scope, { now, random: seededRandom(seed) }),
);
