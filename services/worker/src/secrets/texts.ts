import { isJsonObject, type JsonValue } from '@millrace/contracts';

/** How a text is changed, and a number, which may be one of digits alone. */
export interface TextMapping {
  text(text: string): string;
  number?(value: number): JsonValue;
}

/** The value with every text in it changed, keys of objects included. What does not change is shared, not copied. */
export function mapTexts<T extends JsonValue>(value: T, by: TextMapping['text'] | TextMapping): T {
  const mapping = typeof by === 'function' ? { text: by } : by;
  // Texts become texts and the rest keeps its shape; only a number may become a text, where it was a secret.
  return map(value, mapping) as T;
}

function map(value: JsonValue, mapping: TextMapping): JsonValue {
  if (typeof value === 'string') return mapping.text(value);
  if (typeof value === 'number') return mapping.number?.(value) ?? value;
  if (Array.isArray(value)) {
    const items = value.map((item) => map(item, mapping));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([key, item]) => [mapping.text(key), map(item, mapping)] as const);
  const isSame = changed.every(([key, item], at) => key === entries[at]?.[0] && item === entries[at][1]);
  // `fromEntries` defines fields, so a key named __proto__ stays one.
  return isSame ? value : Object.fromEntries(changed);
}
