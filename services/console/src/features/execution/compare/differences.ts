import { isJsonObject, jsonValue, type JsonValue } from '@millrace/contracts';
import { create } from 'jsondiffpatch';
import { expressionOf, type JsonPath } from '@/components/json-view';

/** One place in which two values differ. `before` or `after` is undefined where there was nothing. */
export interface Difference {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** Beyond so many nobody reads on. */
export const MOST = 500;

const differ = create({
  // Items of lists that have an id are the same item wherever they stand.
  objectHash: (item: object, index?: number) => {
    const { id, name } = { id: undefined, name: undefined, ...item };
    const key: unknown = id ?? name;
    return typeof key === 'string' || typeof key === 'number' ? String(key) : `#${String(index)}`;
  },
  arrays: { detectMove: true, includeValueOnMove: true },
});

/** Where two values differ, in the order of the first; at most `MOST`. */
export function differencesOf(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Difference[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ path: '$', kind: 'added', before, after }];
  if (after === undefined) return [{ path: '$', kind: 'removed', before, after }];
  const found: Difference[] = [];
  collect(found, readDelta(differ.diff(before, after)), []);
  return found.slice(0, MOST);
}

/** What jsondiffpatch answers is JSON, undefined where nothing differs. */
const readDelta = (delta: unknown): JsonValue | undefined =>
  delta === undefined ? undefined : jsonValue.parse(JSON.parse(JSON.stringify(delta)));

/**
 * `[new]` is added, `[old, new]` changed, `[old, 0, 0]` removed, `['', to, 3]` moved. An object holds deltas by name; with
 * `_t: 'a'` it is that of a list, and `_3` is what stood at 3 before.
 */
function collect(found: Difference[], delta: JsonValue | undefined, path: JsonPath): void {
  if (delta === undefined || found.length >= MOST) return;
  if (Array.isArray(delta)) {
    found.push({ path: expressionOf('', path), ...readLeaf(delta) });
    return;
  }
  if (!isJsonObject(delta)) return;
  const isList = delta['_t'] === 'a';
  for (const [name, inner] of Object.entries(delta)) {
    if (isList && name === '_t') continue;
    const part = isList ? Number(name.replace('_', '')) : name;
    collect(found, inner, [...path, part]);
  }
}

function readLeaf(leaf: readonly JsonValue[]): Omit<Difference, 'path'> {
  const [first, second] = leaf;
  if (leaf.length === 1) return { kind: 'added', before: undefined, after: first };
  if (leaf.length === 2) return { kind: 'changed', before: first, after: second };
  if (leaf[2] === 0) return { kind: 'removed', before: first, after: undefined };
  return { kind: 'moved', before: first, after: first };
}
