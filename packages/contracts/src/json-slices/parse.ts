import type { JsonValue } from '../json.js';
import { JsonLimitError, parsed, setMember, type JsonLimits, type Slices } from './slices.js';

/** UTF-16 units that are parsed at once. */
const PIECE = 48 * 1024;
/** UTF-16 units that are looked through between two pauses. */
const LOOK = 512 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A list or object whose end has not been found yet. */
interface Open {
  readonly isList: boolean;
  /** Where it begins, its bracket included. */
  readonly at: number;
  /** What lies before is in `value`. */
  from: number;
  /** The last comma between its members; -1 before the first. */
  comma: number;
  /** Made when the first piece of it is parsed: small ones are parsed as a part of what they are in. */
  value: JsonValue[] | { [key: string]: JsonValue } | undefined;
  /** Of the open member of an object. */
  key: string;
  isEmpty: boolean;
  commas: number;
}

/**
 * What `JSON.parse` answers, a slice at a time. Throws a SyntaxError, or a JsonLimitError as soon as a limit is passed:
 * what is too much is never made.
 */
export function* parseJsonSlices(text: string, limits: JsonLimits): Slices<JsonValue> {
  if (text.length > limits.length) throw new JsonLimitError('length', limits);
  const root: Open = open(true, -1);
  const stack: Open[] = [root];
  let top = root;
  const { members = Infinity } = limits;
  let values = 1;
  let isQuoted = false;
  let looked = 0;
  let taken = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (isQuoted) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) isQuoted = false;
    } else if (character === QUOTE) isQuoted = true;
    else if (character === COMMA) {
      top.comma = at;
      top.commas += 1;
      if (!top.isList && top.commas >= members) throw new JsonLimitError('members', limits);
      values += 1;
      if (values > limits.values) throw new JsonLimitError('values', limits);
    } else if (character === OPEN_LIST || character === OPEN_OBJECT) {
      if (stack.length > limits.depth) throw new JsonLimitError('depth', limits);
      top = open(character === OPEN_LIST, at);
      stack.push(top);
      values += 1;
    } else if (character === CLOSE_LIST || character === CLOSE_OBJECT) {
      if (stack.length === 1 || top.isList !== (character === CLOSE_LIST)) throw notJson(at);
      const closed = top;
      stack.pop();
      top = stack.at(-1) ?? root;
      if (closed.value !== undefined) {
        take(closed, text, at);
        attach(top, closed.value);
        top.from = at + 1;
      }
    }
    if (at - taken >= PIECE && !isQuoted) {
      takeAll(stack, text);
      taken = at;
      looked = at;
      yield;
    } else if (at - looked >= LOOK) {
      looked = at;
      yield;
    }
  }
  if (isQuoted || stack.length > 1) throw notJson(text.length);
  take(root, text, text.length);
  const { value } = root;
  if (!Array.isArray(value) || value.length !== 1) throw notJson(text.length);
  return value[0] ?? null;
}

function open(isList: boolean, at: number): Open {
  return { isList, at, from: at + 1, comma: -1, value: undefined, key: '', isEmpty: true, commas: 0 };
}

function notJson(at: number): SyntaxError {
  return new SyntaxError(`it is not JSON near character ${at}`);
}

/** Parses every member that is whole, from the outermost list or object to the innermost. */
function takeAll(stack: readonly Open[], text: string): void {
  stack.forEach((current, level) => {
    const child = stack[level + 1];
    // What is before a child of which a piece was taken has been taken before it.
    if (child?.value !== undefined) return;
    if (current.comma >= current.from) {
      take(current, text, current.comma);
      current.from = current.comma;
    } else current.value ??= current.isList ? [] : {};
    if (child !== undefined) begin(current, text, child.at);
  });
}

/** Whatever is between the last comma and a child: nothing in a list, a key in an object. */
function begin(current: Open, text: string, childAt: number): void {
  const before = text.slice(current.from, childAt);
  const isFollowing = before.trimStart().startsWith(',');
  if (isFollowing === current.isEmpty) throw notJson(current.from);
  const lead = isFollowing ? before.slice(before.indexOf(',') + 1) : before;
  if (current.isList) {
    if (lead.trim() !== '') throw notJson(current.from);
  } else {
    const keys = Object.keys(parsed(`{${lead}0}`) ?? {});
    if (keys.length !== 1) throw notJson(current.from);
    current.key = keys[0] ?? '';
  }
}

function attach(parent: Open, child: JsonValue): void {
  parent.isEmpty = false;
  if (Array.isArray(parent.value)) parent.value.push(child);
  else if (parent.value !== undefined) setMember(parent.value, parent.key, child);
}

/** Parses the members up to `to`. */
function take(current: Open, text: string, to: number): void {
  const piece = text.slice(current.from, to);
  const isFollowing = !current.isEmpty && piece.trimStart().startsWith(',');
  const members = isFollowing ? piece.slice(piece.indexOf(',') + 1) : piece;
  current.value ??= current.isList ? [] : {};
  if (members.trim() === '') {
    // `[1,]` and `[,1]`
    if (isFollowing || (current.isEmpty && current.comma === to)) throw notJson(to);
    return;
  }
  if (!current.isEmpty && !isFollowing) throw notJson(current.from);
  current.isEmpty = false;
  if (Array.isArray(current.value)) {
    const items = parsed(`[${members}]`);
    if (Array.isArray(items)) for (const item of items) current.value.push(item);
    return;
  }
  const object = parsed(`{${members}}`);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return;
  for (const key of Object.keys(object)) setMember(current.value, key, object[key] ?? null);
}
