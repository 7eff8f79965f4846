/**
 * JSON of many megabytes, a slice at a time: parsing or writing it at once would stop every other execution of the
 * process for as long. Each piece is left to the engine's own `JSON`, which is many times faster than a parser written
 * here could be; only where one piece ends is found out here.
 */
import type { JsonValue } from '../json.js';

/** Work that pauses now and then; what it yields has no meaning. */
export type Slices<T> = Generator<undefined, T, undefined>;

export interface JsonLimits {
  /** UTF-16 units of text. */
  readonly length: number;
  /** Values of all kinds, lists and objects and what is in them; a key is none. */
  readonly values: number;
  /** Lists and objects within each other. */
  readonly depth: number;
  /** Members of one object: a dictionary so large is slow in everything. No limit without it. */
  readonly members?: number;
}

export type JsonExcess = keyof JsonLimits;

/** The JSON is more than the limits allow. */
export class JsonLimitError extends Error {
  override readonly name = 'JsonLimitError';

  constructor(
    readonly excess: JsonExcess,
    readonly limits: JsonLimits,
  ) {
    super(EXCESSES[excess]((limits[excess] ?? Infinity).toLocaleString('en')));
  }
}

const EXCESSES: Record<JsonExcess, (limit: string) => string> = {
  length: (limit) => `it has more than ${limit} characters of JSON`,
  values: (limit) => `it holds more than ${limit} values`,
  depth: (limit) => `it nests deeper than ${limit} levels`,
  members: (limit) => `one object in it has more than ${limit} members`,
};

/** Everything at once, for processes in which nobody waits. */
export function atOnce<T>(slices: Slices<T>): T {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** Others get their turn after each slice. Rejects with what the work throws. */
export async function inTurns<T>(slices: Slices<T>): Promise<T> {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    await nextTurn();
  }
}

const waiting: (() => void)[] = [];
let isServing = false;

function serve(): void {
  const next = waiting.shift();
  isServing = waiting.length > 0;
  if (isServing) serveSoon();
  next?.();
}

function serveSoon(): void {
  if (typeof setImmediate === 'function') setImmediate(serve);
  else setTimeout(serve, 0);
}

/**
 * Resolves after the event loop has turned, for one of all who wait in each turn: many pieces of work that pause together
 * would otherwise go on together, and block as long as if none of them had paused.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (isServing) return;
    isServing = true;
    serveSoon();
  });
}

/** JSON as it comes from `JSON.parse`. */
export const parsed: (text: string) => JsonValue = JSON.parse;

/** As `JSON.parse` does it: a key of any name is a member, `__proto__` too. */
export function setMember(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
