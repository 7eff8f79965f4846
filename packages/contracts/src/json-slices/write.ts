import type { JsonPieces } from './pieces.js';
import { JsonLimitError, type JsonLimits, type Slices } from './slices.js';

/** Values and characters that are written at once. */
const PIECE = { values: 2_000, characters: 128 * 1024 };

export interface WrittenJson {
  /** What `JSON.stringify` answers. */
  readonly pieces: JsonPieces;
  /** Parsing it would give an equal of the value: nothing in it was left out or written as something else. */
  readonly isPlain: boolean;
}

/** What `JSON.stringify` answers, a slice at a time: undefined for what is no JSON at all. */
export function* writeJsonSlices(value: unknown, limits: JsonLimits): Slices<WrittenJson | undefined> {
  const writer = new Writer(limits);
  const size = measure(value);
  if (size === undefined) {
    yield* writer.large(value, 1);
    return writer.written();
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return undefined;
  writer.piece(text, size);
  return writer.written();
}

/** Whether it is written faster than others would notice. Looks at no more of it than that. */
export function isSmallJson(value: unknown): boolean {
  return measure(value) !== undefined;
}

type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What is not one writes itself: dates, and whatever has a `toJSON`. */
function isContainer(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

interface Size {
  values: number;
  characters: number;
  isPlain: boolean;
}

/** Of a value that fits into one piece; undefined of a larger one. */
function measure(value: unknown): Size | undefined {
  const size: Size = { values: 0, characters: 0, isPlain: true };
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    size.values += 1;
    if (typeof next === 'string') size.characters += next.length;
    else if (Array.isArray(next)) {
      if (size.values + next.length > PIECE.values) return undefined;
      for (const item of next) pending.push(item);
    } else if (typeof next === 'object' && next !== null) {
      if (!isPlainObject(next)) size.isPlain = false;
      for (const key in next) {
        size.characters += key.length;
        pending.push(Reflect.get(next, key));
        if (size.values + pending.length > PIECE.values) return undefined;
      }
    } else if (!isPlainScalar(next)) size.isPlain = false;
    if (size.values > PIECE.values || size.characters > PIECE.characters) return undefined;
  }
  return size;
}

function isPlainObject(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value);
}

/** There is no -0 in JSON, and no number that is not finite. */
function isPlainScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'boolean';
}

class Writer {
  readonly #limits: JsonLimits;
  readonly #pieces: string[] = [];
  /** Of the piece that is not full yet. */
  #parts: string[] = [];
  #partsLength = 0;
  #length = 0;
  #values = 0;
  #isPlain = true;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  written(): WrittenJson {
    this.#endPiece();
    return { pieces: this.#pieces, isPlain: this.#isPlain };
  }

  /** Writes what is more than a piece. */
  *large(value: unknown, depth: number): Slices<void> {
    if (isContainer(value)) yield* this.#container(value, depth);
    else if (typeof value === 'string') yield* this.#text(value);
    else {
      this.#isPlain = false;
      this.piece(JSON.stringify(value), undefined);
    }
  }

  /** Writes a piece, and counts what it holds. */
  piece(text: string | undefined, size: Size | undefined): void {
    this.#count(size?.values ?? 1);
    if (size?.isPlain === false) this.#isPlain = false;
    this.#add(text ?? 'null');
  }

  *#container(value: Container, depth: number): Slices<void> {
    if (depth > this.#limits.depth) throw new JsonLimitError('depth', this.#limits);
    const isList = Array.isArray(value);
    const keys = isList ? undefined : Object.keys(value);
    const length = lengthOf(value, keys);
    if (keys !== undefined && length > (this.#limits.members ?? Infinity))
      throw new JsonLimitError('members', this.#limits);
    if (!isList && Object.getPrototypeOf(value) !== Object.prototype) this.#isPlain = false;
    this.#count(1);
    this.#add(isList ? '[' : '{');
    let isFirst = true;
    for (let from = 0; from < length; yield) {
      const { to, size } = run(value, keys, from);
      if (to > from) {
        // Without the brackets around it. Members that are no JSON are left out.
        const members = JSON.stringify(part(value, keys, from, to)).slice(1, -1);
        if (members !== '') this.piece(isFirst ? members : `,${members}`, size);
        else this.#isPlain = false;
        if (members !== '') isFirst = false;
        from = to;
        continue;
      }
      const key = keys?.[from];
      const member: unknown = key === undefined ? Reflect.get(value, from) : Reflect.get(value, key);
      this.#add(`${isFirst ? '' : ','}${key === undefined ? '' : `${JSON.stringify(key)}:`}`);
      isFirst = false;
      yield* this.large(member, depth + 1);
      from += 1;
    }
    this.#add(isList ? ']' : '}');
  }

  *#text(text: string): Slices<void> {
    this.#count(1);
    this.#add('"');
    for (let from = 0; from < text.length; yield) {
      let to = Math.min(text.length, from + PIECE.characters);
      // Half of a pair would be written as an escape.
      if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
      this.#add(JSON.stringify(text.slice(from, to)).slice(1, -1));
      from = to;
    }
    this.#add('"');
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > this.#limits.values) throw new JsonLimitError('values', this.#limits);
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#limits.length) throw new JsonLimitError('length', this.#limits);
    this.#parts.push(text);
    this.#partsLength += text.length;
    if (this.#partsLength >= PIECE.characters) this.#endPiece();
  }

  #endPiece(): void {
    if (this.#parts.length > 0) this.#pieces.push(this.#parts.join(''));
    this.#parts = [];
    this.#partsLength = 0;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function lengthOf(value: Container, keys: readonly string[] | undefined): number {
  return keys?.length ?? (Array.isArray(value) ? value.length : 0);
}

/** As many members from `from` on as fit into one piece; none when the first does not. */
function run(
  value: Container,
  keys: readonly string[] | undefined,
  from: number,
): { to: number; size: Size } {
  const size: Size = { values: 0, characters: 0, isPlain: true };
  const length = lengthOf(value, keys);
  for (let to = from; to < length; to += 1) {
    const key = keys?.[to];
    const member = measure(key === undefined ? Reflect.get(value, to) : Reflect.get(value, key));
    if (member === undefined) return { to, size };
    size.values += member.values;
    size.characters += member.characters + (key?.length ?? 0);
    if (to > from && (size.values > PIECE.values || size.characters > PIECE.characters)) {
      size.values -= member.values;
      return { to, size };
    }
    size.isPlain &&= member.isPlain;
  }
  return { to: length, size };
}

function part(value: Container, keys: readonly string[] | undefined, from: number, to: number): Container {
  if (keys === undefined) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.slice(from, to);
  }
  return Object.fromEntries(keys.slice(from, to).map((key) => [key, Reflect.get(value, key)]));
}
