import type { Definition } from '@millrace/contracts';

/** Two for every node of the largest graph. Compiling one takes about a tenth of a millisecond, in which nobody else is served. */
const MAX_EXPRESSIONS = 20_000;

/** Why a definition would take too long to check; undefined when it is within the limit. */
export function tooManyExpressions({
  nodes,
  on_failure,
}: Pick<Definition, 'nodes' | 'on_failure'>): string | undefined {
  let found = 0;
  const pending: unknown[] = [...nodes, ...(on_failure?.nodes ?? [])].map(({ data }) => data);
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') found += expressionsIn(value);
    else if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) pending.push(inner);
    if (found > MAX_EXPRESSIONS) {
      return `the nodes hold more than ${MAX_EXPRESSIONS} expressions; divide the workflow`;
    }
  }
  return undefined;
}

function expressionsIn(text: string): number {
  return text.startsWith('=') ? 1 : text.split('{{', MAX_EXPRESSIONS + 2).length - 1;
}
