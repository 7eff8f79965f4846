import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { serveIsolated } from '@millrace/isolation';
import { seededRandom } from './random.js';

export interface EvaluationRequest {
  expression: string;
  scope: object;
  now: number;
  seed: number;
}

serveIsolated<EvaluationRequest, Evaluated>(({ expression, scope, now, seed }) =>
  evaluateJsonata(expression, scope, { now, random: seededRandom(seed) }),
);
