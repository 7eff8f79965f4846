import { type Evaluated, evaluateJsonata } from '@millrace/engine';
import { serveIsolated } from '@millrace/isolation';

export interface MappingRequest {
  readonly expressions: readonly string[];
  readonly scope: object;
  readonly now: number;
}

/** The results up to and with the first that failed. */
serveIsolated(async ({ expressions, scope, now }: MappingRequest): Promise<Evaluated[]> => {
  const results: Evaluated[] = [];
  for (const expression of expressions) {
    const result = await evaluateJsonata(expression, scope, { now, random: Math.random });
    results.push(result);
    if (!result.ok) break;
  }
  return results;
});
