import type { Loc } from '../graph/config-paths.js';

/** One finding about a definition. */
export interface DefinitionProblem {
  /** An `error` keeps the definition from being published, a `warning` does not. */
  readonly severity: 'error' | 'warning';
  /** Errors of `structure` are answered 400, others 422. */
  readonly category: 'schema' | 'structure' | 'configuration';
  /** A `ProblemCode` of the compiler, the word of a check beside it, or of `schema` zod's own, such as `invalid_type`. */
  readonly code: string;
  readonly message: string;
  /** The way to it, from the definition. */
  readonly loc: Loc;
  /** The nodes it is about; empty where it is about none. */
  readonly nodeIds: readonly string[];
  /** The end of `loc` behind the innermost node on it: the field to mark. Empty where it is about a node as a whole, or none. */
  readonly field: Loc;
}

/**
 * How much of a way leads to the innermost node on it; 0 where it leads to none. Nodes stand in the definition, in its
 * `on_failure` and in the bodies of nodes: `nodes` anywhere else is data.
 */
function lengthToNode(loc: Loc): number {
  let length = 0;
  let at = loc[0] === 'on_failure' ? 1 : 0;
  while (loc[at] === 'nodes' && typeof loc[at + 1] === 'number') {
    length = at + 2;
    const isInBody = loc[length] === 'data' && loc[length + 1] === 'config' && loc[length + 2] === 'body';
    if (!isInBody) break;
    at = length + 3;
  }
  return length;
}

export function fieldOf(loc: Loc): Loc {
  const length = lengthToNode(loc);
  return length === 0 ? [] : loc.slice(length);
}

/** The id of the innermost node on the way, in JSON that may be anything; undefined where there is none. */
export function nodeIdAt(json: unknown, loc: Loc): string | undefined {
  const length = lengthToNode(loc);
  if (length === 0) return undefined;
  let value = json;
  for (const key of [...loc.slice(0, length), 'id']) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return typeof value === 'string' ? value : undefined;
}
