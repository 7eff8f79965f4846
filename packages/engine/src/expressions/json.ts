import type { JsonObject, JsonValue } from '@millrace/contracts';
import { failed, LIMITS, messageOf, type Evaluated } from './evaluated.js';

/** For what is JSON by its origin: parts of a scope, parsed text. */
export function isPresent(value: unknown): value is JsonValue {
  return value !== undefined;
}

function depthOf(value: JsonValue): number {
  let depth = 0;
  let level: JsonValue[] = [value];
  while (level.length > 0 && depth <= LIMITS.resultDepth) {
    const next: JsonValue[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Array.isArray(item) ? item : Object.values(item)) next.push(child);
    }
    level = next;
    depth += 1;
  }
  return depth;
}

/** In bytes of UTF-8, which are one to three for each UTF-16 unit. Works in browsers too. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes;
}

/** A replacer is called for every value there is, so it is used only where a BigInt makes it necessary. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError) || !error.message.includes('BigInt')) throw error;
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item));
  }
}

/**
 * A JSON round trip with limits: the value becomes what a reader of the log will see. Undefined and functions become
 * null at the top, are dropped from objects and become null in arrays, as JSON does; BigInts become numbers.
 */
export function toPlainJson(value: unknown, limitBytes: number = LIMITS.resultBytes): Evaluated {
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch (error) {
    return failed(
      'expression_result_invalid',
      `The result is not JSON: ${messageOf(error).split('\n', 1).join()}`,
    );
  }
  if (text === undefined) return { ok: true, value: null };
  if (isLongerThan(text, limitBytes)) {
    return failed('expression_result_too_large', `The result is larger than ${limitBytes} bytes of JSON`);
  }
  const parsed: unknown = JSON.parse(text);
  if (!isPresent(parsed)) return { ok: true, value: null };
  // Every level takes two characters at least.
  if (text.length > 2 * LIMITS.resultDepth && depthOf(parsed) > LIMITS.resultDepth) {
    return failed(
      'expression_result_too_deep',
      `The result is nested deeper than ${LIMITS.resultDepth} levels`,
    );
  }
  return { ok: true, value: parsed };
}

/** A typed record as JSON: what is undefined is left out. */
export function recordJson<T extends { readonly [K in keyof T]: JsonValue | undefined }>(
  record: T,
): JsonObject {
  const json: JsonObject = {};
  for (const [key, value] of Object.entries<JsonValue | undefined>(record)) {
    if (value !== undefined) json[key] = value;
  }
  return json;
}

/** Text that is equal for equal values whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    const entries = Object.entries<unknown>({ ...item });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
