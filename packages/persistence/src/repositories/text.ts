/**
 * Text that PostgreSQL cannot hold: the character U+0000 anywhere in `text`, and lone surrogates in `jsonb`. The
 * caller's mistake; `field` names the place.
 */
export class UnstorableTextError extends Error {
  override readonly name = 'UnstorableTextError';

  constructor(readonly field: string) {
    super(`"${field}" holds a character that cannot be stored (U+0000 or half of a surrogate pair)`);
  }
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether the text comes back from the database as it went in. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}

/** Throws UnstorableTextError for the first field that cannot be stored. */
export function assertStorable(fields: Record<string, string | null | undefined>): void {
  for (const [field, text] of Object.entries(fields)) {
    if (typeof text === 'string' && !isStorable(text)) throw new UnstorableTextError(field);
  }
}

/** The same for every key and string inside a value bound for a `jsonb` column. */
export function isStorableJson(value: unknown): boolean {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'string') {
      if (!isStorable(next)) return false;
    } else if (typeof next === 'object' && next !== null) {
      for (const [key, inner] of Object.entries(next)) pending.push(key, inner);
    }
  }
  return true;
}

/** Words of a search that count; more of them would only cost time. */
const MAX_SEARCH_WORDS = 16;

/**
 * A text-search query that finds every document holding, for each word of the text, a word that begins with it.
 * Undefined when the text has no letter or digit: such a search finds nothing. Nothing a person types can make it
 * invalid, because only letters, marks and digits get through, each word quoted.
 */
export function prefixQuery(text: string): string | undefined {
  const words = text.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  if (words.length === 0) return undefined;
  return words
    .slice(0, MAX_SEARCH_WORDS)
    .map((word) => `'${word}':*`)
    .join(' & ');
}
