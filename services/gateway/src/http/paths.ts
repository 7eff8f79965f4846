import type { HttpMethod, RouteContract } from '@millrace/contracts';

/** One address with everything that may be done there. */
export interface Endpoint<H> {
  /** As in the contract: `/workflows/{id}`. */
  readonly path: string;
  readonly operations: ReadonlyMap<HttpMethod, { contract: RouteContract; handler: H }>;
}

/** Groups operations by address, the more specific addresses first, so that no `{id}` swallows a word of a route. */
export function endpointsOf<H>(routes: readonly { contract: RouteContract; handler: H }[]): Endpoint<H>[] {
  const byPath = new Map<string, Map<HttpMethod, { contract: RouteContract; handler: H }>>();
  for (const route of routes) {
    for (const path of route.contract.paths) {
      const operations = byPath.get(path) ?? new Map<HttpMethod, { contract: RouteContract; handler: H }>();
      if (operations.has(route.contract.method)) {
        throw new Error(`two operations for ${route.contract.method} ${path}`);
      }
      byPath.set(path, operations.set(route.contract.method, route));
    }
  }
  return [...byPath]
    .map(([path, operations]) => ({ path, operations }))
    .sort((a, b) => compareSpecificity(a.path, b.path));
}

/** Segment by segment, a word before a parameter. */
function compareSpecificity(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) break;
    const difference = Number(segment.startsWith('{')) - Number(other.startsWith('{'));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** `/workflows/{id}` in the syntax of express: `/workflows/:id`. */
export function toExpressPath(path: string): string {
  return path.replaceAll(/\{([a-z_]+)\}/g, ':$1');
}

export function allowedMethods(methods: Iterable<HttpMethod>): string[] {
  const allowed = [...methods].map((method) => method.toUpperCase());
  if (allowed.includes('GET')) allowed.push('HEAD');
  return [...allowed, 'OPTIONS'];
}
