import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';

/** The same part changed here and there, each time differently. */
export interface Conflict {
  /** Items of lists are named by their id. */
  readonly path: readonly string[];
  readonly mine: JsonValue | undefined;
  readonly theirs: JsonValue | undefined;
}

export interface Merged {
  /** With everything that only one side changed; where both did, with mine. */
  readonly definition: JsonObject;
  readonly conflicts: readonly Conflict[];
}

/**
 * Joins two changes of one definition. Nodes, edges, notes and groups are matched by their id, so that two people may work
 * on different steps, or on different fields of one. What only says where things stand is no reason to ask anybody.
 */
export function mergeDefinitions(base: JsonObject, mine: JsonObject, theirs: JsonObject): Merged {
  const conflicts: Conflict[] = [];
  const merged = merge(base, mine, theirs, [], conflicts);
  const definition = isJsonObject(merged) ? merged : mine;
  return { definition, conflicts: [...conflicts, ...cutEdges(definition)] };
}

type Value = JsonValue | undefined;

/** Where the last writer may win: nobody loses work by it. */
const PLACES: ReadonlySet<string> = new Set(['position', 'viewport']);

function merge(
  base: Value,
  mine: Value,
  theirs: Value,
  path: readonly string[],
  conflicts: Conflict[],
): Value {
  if (isSame(mine, theirs) || isSame(base, theirs)) return mine;
  if (isSame(base, mine)) return theirs;
  if (PLACES.has(path.at(-1) ?? '')) return mine ?? theirs;
  if (isJsonObject(mine) && isJsonObject(theirs)) {
    return mergeObjects(isJsonObject(base) ? base : {}, mine, theirs, path, conflicts);
  }
  const lists = [mine, theirs].map(byId);
  const [mineById, theirsById] = lists;
  if (mineById && theirsById)
    return mergeLists(byId(base) ?? new Map(), mineById, theirsById, path, conflicts);
  conflicts.push({ path, mine, theirs });
  return mine;
}

function mergeObjects(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  path: readonly string[],
  conflicts: Conflict[],
): JsonObject {
  const merged: JsonObject = {};
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const value = merge(base[name], mine[name], theirs[name], [...path, name], conflicts);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

type ById = ReadonlyMap<string, JsonValue>;

/** A list whose items have ids of their own; undefined for any other value. */
function byId(value: Value): ById | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = new Map<string, JsonValue>();
  for (const item of value) {
    const id = isJsonObject(item) ? item['id'] : undefined;
    if (typeof id !== 'string' || items.has(id)) return undefined;
    items.set(id, item);
  }
  return items;
}

function mergeLists(
  base: ById,
  mine: ById,
  theirs: ById,
  path: readonly string[],
  conflicts: Conflict[],
): JsonValue[] {
  const merged: JsonValue[] = [];
  for (const id of new Set([...theirs.keys(), ...mine.keys()])) {
    const item = merge(base.get(id), mine.get(id), theirs.get(id), [...path, id], conflicts);
    if (item !== undefined) merged.push(item);
  }
  return merged;
}

/** Edges whose step one side took away while the other drew them. */
function cutEdges({ nodes, edges }: JsonObject): Conflict[] {
  const ids = byId(nodes);
  if (!ids || !Array.isArray(edges)) return [];
  return edges.flatMap((edge) => {
    if (!isJsonObject(edge)) return [];
    const { id, source, target } = edge;
    const isWhole = [source, target].every((end) => typeof end === 'string' && ids.has(end));
    return isWhole
      ? []
      : [{ path: ['edges', typeof id === 'string' ? id : '?'], mine: edge, theirs: undefined }];
  });
}

/** Equal as JSON, whatever the order of keys. */
export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}
