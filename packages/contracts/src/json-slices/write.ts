import { JsonLimitError, type JsonLimits, type Slices } from './slices.js';

/** Values and characters that are written at once. */
const PIECE = { values: 2_000, characters: 128 * 1024 };

/** What `JSON.stringify` answers, a slice at a time: undefined for what is no JSON at all. */
export function* writeJsonSlices(value: unknown, limits: JsonLimits): Slices<string | undefined> {
  const writer = new Writer(limits);
  if (measure(value) !== undefined || !isContainer(value))
    return writer.piece(JSON.stringify(value), measure(value));
  yield* writer.container(value, 1);
  return writer.text();
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
}

/** Of a value that fits into one piece; undefined of a larger one. */
function measure(value: unknown): Size | undefined {
  const size: Size = { values: 0, characters: 0 };
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    size.values += 1;
    if (typeof next === 'string') size.characters += next.length;
    else if (Array.isArray(next)) {
      if (size.values + next.length > PIECE.values) return undefined;
      for (const item of next) pending.push(item);
    } else if (typeof next === 'object' && next !== null) {
      for (const key in next) {
        size.characters += key.length;
        pending.push(Reflect.get(next, key));
        if (size.values + pending.length > PIECE.values) return undefined;
      }
    }
    if (size.values > PIECE.values || size.characters > PIECE.characters) return undefined;
  }
  return size;
}

class Writer {
  readonly #limits: JsonLimits;
  readonly #pieces: string[] = [];
  #length = 0;
  #values = 0;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  text(): string {
    return this.#pieces.join('');
  }

  *container(value: Container, depth: number): Slices<void> {
    if (depth > this.#limits.depth) throw new JsonLimitError('depth', this.#limits);
    const isList = Array.isArray(value);
    const keys = isList ? undefined : Object.keys(value);
    const length = lengthOf(value, keys);
    if (keys !== undefined && length > (this.#limits.members ?? Infinity))
      throw new JsonLimitError('members', this.#limits);
    this.#values += 1;
    this.#add(isList ? '[' : '{');
    let isFirst = true;
    for (let from = 0; from < length;) {
      const { to, size } = run(value, keys, from);
      if (to > from) {
        const written = this.piece(JSON.stringify(part(value, keys, from, to)), size)?.slice(1, -1) ?? '';
        if (written !== '') this.#add(isFirst ? written : `,${written}`);
        if (written !== '') isFirst = false;
        from = to;
        yield;
        continue;
      }
      // One member that is a piece too many by itself.
      const key = keys?.[from];
      const member: unknown = key === undefined ? Reflect.get(value, from) : Reflect.get(value, key);
      const lead = `${isFirst ? '' : ','}${key === undefined ? '' : `${JSON.stringify(key)}:`}`;
      this.#add(lead);
      isFirst = false;
      if (isContainer(member)) yield* this.container(member, depth + 1);
      else this.#add(this.piece(JSON.stringify(member), undefined) ?? 'null');
      from += 1;
      yield;
    }
    this.#add(isList ? ']' : '}');
  }

  /** Counts what a piece holds. */
  piece(text: string | undefined, size: Size | undefined): string | undefined {
    this.#values += size?.values ?? 1;
    if (this.#values > this.#limits.values) throw new JsonLimitError('values', this.#limits);
    if ((text?.length ?? 0) > this.#limits.length) throw new JsonLimitError('length', this.#limits);
    return text;
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#length > this.#limits.length) throw new JsonLimitError('length', this.#limits);
    this.#pieces.push(text);
  }
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
  const size: Size = { values: 0, characters: 0 };
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
