import { parentPort } from 'node:worker_threads';
import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { seededRandom } from './random.js';

export interface ThreadRequest {
  expression: string;
  scope: object;
  now: number;
  seed: number;
}

export interface ThreadAnswer {
  result: Evaluated;
}

parentPort?.on('message', (request: ThreadRequest) => {
  const { expression, scope, now, seed } = request;
  void evaluateJsonata(expression, scope, { now, random: seededRandom(seed) }).then((result) => {
    const answer: ThreadAnswer = { result };
    parentPort?.postMessage(answer);
  });
});
