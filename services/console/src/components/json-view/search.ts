import type { JsonValue } from '@millrace/contracts';
import type { JsonPath } from './path';

/** Beyond so many the search stops: nobody walks through more of them. */
export const MAX_MATCHES = 1_000;

/** Values that are looked at between two chances to stop. */
const SLICE = 5_000;

/**
 * The paths of all names and primitive values that contain the text, whatever its case, in the order of the tree.
 * Yields between slices of the work, so that a large value does not hold up the page.
 */
export function* findMatches(value: JsonValue, text: string): Generator<undefined, JsonPath[], undefined> {
  const wanted = text.toLowerCase();
  const found: JsonPath[] = [];
  const left: { value: JsonValue; path: JsonPath }[] = [{ value, path: [] }];
  for (let looked = 1; left.length > 0 && found.length < MAX_MATCHES; looked += 1) {
    const next = left.pop();
    if (next === undefined) break;
    const name = next.path.at(-1);
    const inName = typeof name === 'string' && name.toLowerCase().includes(wanted);
    if (inName || holds(next.value, wanted)) found.push(next.path);
    if (typeof next.value === 'object' && next.value !== null) {
      for (const member of membersOf(next.value, next.path)) left.push(member);
    }
    if (looked % SLICE === 0) yield;
  }
  return found;
}

function holds(value: JsonValue, wanted: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(wanted);
  if (typeof value === 'object' && value !== null) return false;
  return String(value).includes(wanted);
}

/** Last first: they are taken from the end. */
function membersOf(
  container: JsonValue[] | Record<string, JsonValue>,
  path: JsonPath,
): { value: JsonValue; path: JsonPath }[] {
  const members = Array.isArray(container)
    ? container.map((value, index) => ({ value, path: [...path, index] }))
    : Object.entries(container).map(([name, value]) => ({ value, path: [...path, name] }));
  return members.reverse();
}
