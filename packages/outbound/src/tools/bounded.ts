import type { JsonObject, JsonValue } from '@millrace/contracts';

/** Of JSON that one call gives to a model: about 8,000 tokens. */
export const MAX_OUTPUT_CHARACTERS = 32_768;

const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;
const KEPT = new Set(['\n', '\t']);

/** At most `limit` characters, with a mark where something was left out; never half of a surrogate pair. */
export function boundText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Strangers' text: bounded, and without what a person who reads it would not see. */
export function visibleText(text: string, limit: number): string {
  // Cut before the search: the rest may be long.
  const shown = text.slice(0, limit * 2).replace(HIDDEN, (one) => (KEPT.has(one) ? one : ''));
  return boundText(shown, limit);
}

/** Value as it is, or `{truncated, characters, preview}` when its JSON is longer than `limit`. */
export function boundJson(value: JsonValue, limit = MAX_OUTPUT_CHARACTERS): JsonValue {
  const text = JSON.stringify(value);
  if (text.length <= limit) return value;
  const shown = typeof value === 'string' ? value : text;
  return { truncated: true, characters: text.length, preview: boundText(shown, Math.floor(limit / 2)) };
}

const MAX_DEPTH = 64;

/**
 * A stranger's value as JSON: keys that mean something to objects (`__proto__`) are left out, and so is what is nested
 * deeper than 64 levels or is no JSON.
 */
export function plainJson(value: unknown, depth = 0): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item: unknown) => plainJson(item, depth + 1));
  const plain: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (key !== '__proto__' && item !== undefined) plain[key] = plainJson(item, depth + 1);
  }
  return plain;
}
