import { isJsonObject, type JsonValue } from '@millrace/contracts';

/** How a text is changed, and a number, which may be one of digits alone. */
export interface TextMapping {
  text(text: string): string;
  number?(value: number): JsonValue;
}

/** The longest that a walk keeps everybody else waiting, milliseconds. */
const MAX_TURN_MS = 10;
/** The clock is asked after so many values. */
const VALUES_PER_LOOK = 64;

/** The value with every text in it changed, keys of objects included. What does not change is shared, not copied. */
export function mapTexts<T extends JsonValue>(value: T, by: TextMapping['text'] | TextMapping): T {
  const walk = walkThrough(value, typeof by === 'function' ? { text: by } : by);
  for (;;) {
    const step = walk.next();
    // Texts become texts and the rest keeps its shape; only a number may become a text, where it was a secret.
    if (step.done === true) return step.value as T;
  }
}

/** The same for values of many megabytes: gives way to everybody else after every ten milliseconds. */
export async function mapTextsInTurns<T extends JsonValue>(value: T, by: TextMapping): Promise<T> {
  const walk = walkThrough(value, by);
  let turnEndsAt = performance.now() + MAX_TURN_MS;
  for (let seen = 1; ; seen += 1) {
    const step = walk.next();
    if (step.done === true) return step.value as T;
    if (seen % VALUES_PER_LOOK !== 0 || performance.now() < turnEndsAt) continue;
    await new Promise(setImmediate);
    turnEndsAt = performance.now() + MAX_TURN_MS;
  }
}

/** Yields before every value, where the walk can be interrupted. */
function* walkThrough(value: JsonValue, by: TextMapping): Generator<undefined, JsonValue, undefined> {
  yield;
  if (typeof value === 'string') return by.text(value);
  if (typeof value === 'number') return by.number?.(value) ?? value;
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value) items.push(yield* walkThrough(item, by));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  const changed: [string, JsonValue][] = [];
  for (const [key, item] of entries) changed.push([by.text(key), yield* walkThrough(item, by)]);
  const isSame = changed.every(([key, item], at) => key === entries[at]?.[0] && item === entries[at][1]);
  // `fromEntries` defines fields, so a key named __proto__ stays one.
  return isSame ? value : Object.fromEntries(changed);
}
