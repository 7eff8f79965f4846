import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';

/**
 * Finding things in an input of unknown shape. The search order is the same everywhere:
 * 1. the wanted keys in the order given, each at the shallowest depth where it occurs (so the workflow's own
 *    parameters win over what a predecessor put deeper into its output);
 * 2. what has the wanted shape, breadth first, in key order;
 * 3. for text alone: every string that reads like prose, then the step's instructions, then its label.
 */

const MAX_DEPTH = 12;
const MAX_VISITED = 100_000;

export interface Place {
  readonly key: string;
  readonly value: JsonValue;
  readonly parent: JsonObject | undefined;
}

/** Every value below `root` and itself, breadth first; bounded, so a hostile input costs what a large one does. */
export function placesOf(root: JsonValue): Place[] {
  let level: Place[] = [{ key: '', value: root, parent: undefined }];
  const all: Place[] = [];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    const next: Place[] = [];
    for (const place of level) {
      if (all.length >= MAX_VISITED) return all;
      all.push(place);
      const { value } = place;
      if (Array.isArray(value))
        for (const item of value) next.push({ key: place.key, value: item, parent: undefined });
      else if (isJsonObject(value)) {
        for (const [key, child] of Object.entries(value)) next.push({ key, value: child, parent: value });
      }
    }
    level = next;
  }
  return all;
}

function normalKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `sourceCode`, `source_code` and `Source code` are one key. Values are those directly under an object. */
export function valuesOfKeys(places: readonly Place[], keys: readonly string[]): JsonValue[] {
  return keys.flatMap((wanted) =>
    places
      .filter((place) => place.parent && normalKey(place.key) === normalKey(wanted))
      .map((place) => place.value),
  );
}

function textOf(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const lines = value.filter((item): item is string => typeof item === 'string');
  return lines.length === value.length ? lines.map((line) => `- ${line}`).join('\n') : undefined;
}

/** Keys whose strings are labels of the machinery or source code, never prose to work on. */
const NOT_PROSE = new Set(
  [
    'id provider model status code content source path file filename url type kind language version timestamp',
    'created_at updated_at email username token excerpt rule severity framework manifest package_json yaml',
  ]
    .join(' ')
    .split(' ')
    .map(normalKey),
);

function looksLikeProse(place: Place): boolean {
  const { value } = place;
  return (
    typeof value === 'string' && !NOT_PROSE.has(normalKey(place.key)) && value.trim().split(/\s+/).length >= 2
  );
}

export interface FoundText {
  readonly text: string;
  /** `key` the author named it, `prose` collected strings, `instructions` or `label` for want of any. */
  readonly from: 'input' | 'key' | 'prose' | 'instructions' | 'label';
}

/** The text an agent works on; see the search order above. An array of strings counts as a bulleted list. */
export function findText(
  input: JsonValue,
  keys: readonly string[],
  fallback: { instructions: string | undefined; label: string },
): FoundText {
  const whole = textOf(input);
  if (whole !== undefined) return { text: whole, from: 'input' };
  const places = placesOf(input);
  for (const value of valuesOfKeys(places, keys)) {
    const text = textOf(value);
    if (text !== undefined) return { text, from: 'key' };
  }
  const prose = places
    .filter(looksLikeProse)
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  if (prose.length > 0) return { text: [...new Set(prose)].join('\n\n'), from: 'prose' };
  if (fallback.instructions !== undefined) return { text: fallback.instructions, from: 'instructions' };
  return { text: fallback.label, from: 'label' };
}

/** The first non-empty array whose every item is an object that passes; wanted keys first, then any. */
export function findObjects(
  input: JsonValue,
  keys: readonly string[],
  passes: (item: JsonObject) => boolean,
): JsonObject[] {
  const places = placesOf(input);
  const candidates = [...valuesOfKeys(places, keys), ...places.map((place) => place.value)];
  for (const candidate of candidates) {
    if (!Array.isArray(candidate) || candidate.length === 0) continue;
    const objects = candidate.filter(isJsonObject);
    if (objects.length === candidate.length && objects.every(passes)) return objects;
  }
  return [];
}

/** The first of the keys that holds a string with something in it. */
export function stringField(object: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}
