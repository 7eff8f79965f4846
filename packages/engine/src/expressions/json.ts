import type { JsonValue } from '@millrace/contracts';
import { failed, LIMITS, messageOf, type Evaluated } from './evaluated.js';

/** True when the value holds nothing that JSON would drop or change, within `depth` levels. Functions, undefined, NaN and class instances are not plain. */
function isPlain(value: unknown, depth: number): value is JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    // `sequence` and the like: JSONata marks its arrays with extra properties.
    if (Object.keys(value).length !== value.length) return false;
    return value.every((item) => isPlain(item, depth - 1));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isPlain(Reflect.get(value, key), depth - 1)) return false;
  return !('toJSON' in value);
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

/**
 * A JSON round trip with limits: the value becomes what a reader of the log will see. Undefined and functions become
 * null at the top, are dropped from objects and become null in arrays, as JSON does; BigInts become numbers.
 */
export function toPlainJson(value: unknown, limitBytes: number = LIMITS.resultBytes): Evaluated {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item));
  } catch (error) {
    return failed('expression_result_invalid', `The result is not JSON: ${messageOf(error)}`);
  }
  if (text === undefined) return { ok: true, value: null };
  if (text.length > limitBytes || Buffer.byteLength(text) > limitBytes) {
    return failed('expression_result_too_large', `The result is larger than ${limitBytes} bytes of JSON`);
  }
  const parsed: JsonValue = JSON.parse(text);
  if (depthOf(parsed) > LIMITS.resultDepth) {
    return failed(
      'expression_result_too_deep',
      `The result is nested deeper than ${LIMITS.resultDepth} levels`,
    );
  }
  return { ok: true, value: parsed };
}

/** As `toPlainJson`, without the copy when the value already is plain: results of plain paths are parts of the scope. */
export function asPlainJson(value: unknown): Evaluated {
  if (value === undefined) return { ok: true, value: null };
  return isPlain(value, 16) ? { ok: true, value } : toPlainJson(value);
}

/** Text that is equal for equal values whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    const entries = Object.entries(item);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
