import type { JsonValue } from '../json.js';
import { type JsonPieces, textLength, Window } from './pieces.js';
import { JsonLimitError, parsed, setMember, type JsonLimits, type Slices } from './slices.js';

/** UTF-16 units that are looked through and parsed at once. */
const PIECE = 48 * 1024;
/** Of `\u0000`, the longest that must not be cut. */
const ESCAPE = 6;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A value whose end has not been found yet. */
interface Open {
  /** A text is one only when it is longer than a piece. */
  readonly kind: 'list' | 'object' | 'text';
  /** Where it begins, its bracket or quote included. */
  readonly at: number;
  /** What lies before is in `value`. */
  from: number;
  /** The last comma between its members; -1 before the first. */
  comma: number;
  /** Made when the first piece of it is parsed: small ones are parsed as a part of what they are in. */
  value: JsonValue[] | { [key: string]: JsonValue } | string | undefined;
  /** Of the open member of an object. */
  key: string;
  /** Whether the open member of an object is past its key. */
  hasKey: boolean;
  isEmpty: boolean;
  commas: number;
}

/**
 * What `JSON.parse` answers, a slice at a time. Throws a SyntaxError, or a JsonLimitError as soon as a limit is passed:
 * what is too much is never made.
 */
export function* parseJsonSlices(text: string | JsonPieces, limits: JsonLimits): Slices<JsonValue> {
  const length = typeof text === 'string' ? text.length : textLength(text);
  if (length > limits.length) throw new JsonLimitError('length', limits);
  const root: Open = open('list', -1);
  const stack: Open[] = [root];
  let top = root;
  const { members = Infinity } = limits;
  let values = 1;
  let isQuoted = false;
  let quoteAt = -1;
  let escapeAt = -ESCAPE;
  const window = new Window(text, PIECE);
  window.advance(0);
  for (let at = 0; ;) {
    for (; at < window.end; at += 1) {
      const character = window.codeAt(at);
      if (isQuoted) {
        if (character === BACKSLASH) {
          escapeAt = at;
          at += 1;
        } else if (character === QUOTE) {
          isQuoted = false;
          if (top.kind !== 'text') continue;
          lengthen(top, window, at);
          top = close(stack, root, at);
        }
      } else if (character === QUOTE) {
        isQuoted = true;
        quoteAt = at;
      } else if (character === COMMA) {
        top.comma = at;
        top.commas += 1;
        top.hasKey = false;
        if (top.kind === 'object' && top.commas >= members) throw new JsonLimitError('members', limits);
        values += 1;
        if (values > limits.values) throw new JsonLimitError('values', limits);
      } else if (character === COLON) top.hasKey = true;
      else if (character === OPEN_LIST || character === OPEN_OBJECT) {
        if (stack.length > limits.depth) throw new JsonLimitError('depth', limits);
        top = open(character === OPEN_LIST ? 'list' : 'object', at);
        stack.push(top);
        values += 1;
      } else if (character === CLOSE_LIST || character === CLOSE_OBJECT) {
        if (stack.length === 1 || (top.kind === 'list') !== (character === CLOSE_LIST)) throw notJson(at);
        if (top.value !== undefined) take(top, window, at);
        top = close(stack, root, at);
      }
    }
    if (window.isAtEnd) break;
    takeAll(stack, window);
    const isLong = isQuoted && window.end - quoteAt >= PIECE && (top.kind !== 'object' || top.hasKey);
    if (isLong && top.kind !== 'text') {
      begin(top, window, quoteAt);
      top = { ...open('text', quoteAt), value: '' };
      stack.push(top);
    }
    if (top.kind === 'text') lengthen(top, window, window.end - escapeAt < ESCAPE ? escapeAt : window.end);
    window.advance(top.from);
    yield;
  }
  if (isQuoted || stack.length > 1) throw notJson(length);
  take(root, window, length);
  const { value } = root;
  if (!Array.isArray(value) || value.length !== 1) throw notJson(length);
  return value[0] ?? null;
}

function open(kind: Open['kind'], at: number): Open {
  const nothingYet = { comma: -1, value: undefined, key: '', hasKey: false, isEmpty: true, commas: 0 };
  return { kind, at, from: at + 1, ...nothingYet };
}

function notJson(at: number): SyntaxError {
  return new SyntaxError(`it is not JSON near character ${at}`);
}

/** Ends the innermost open value at `at`, and answers the one that it is in. */
function close(stack: Open[], root: Open, at: number): Open {
  const closed = stack.pop();
  const parent = stack.at(-1) ?? root;
  if (closed?.value !== undefined) {
    attach(parent, closed.value);
    parent.from = at + 1;
  }
  return parent;
}

/** Parses every member that is whole, from the outermost list or object to the innermost. */
function takeAll(stack: readonly Open[], window: Window): void {
  stack.forEach((current, level) => {
    const child = stack[level + 1];
    // What is before a child of which a piece was taken has been taken before it.
    if (child?.value !== undefined || current.kind === 'text') return;
    if (current.comma >= current.from) {
      take(current, window, current.comma);
      current.from = current.comma;
    } else current.value ??= current.kind === 'list' ? [] : {};
    if (child !== undefined) begin(current, window, child.at);
  });
}

/** Whatever is between the last comma and a child: nothing in a list, a key in an object. */
function begin(current: Open, window: Window, childAt: number): void {
  const before = window.slice(current.from, childAt);
  const isFollowing = before.trimStart().startsWith(',');
  if (isFollowing === current.isEmpty) throw notJson(current.from);
  const lead = isFollowing ? before.slice(before.indexOf(',') + 1) : before;
  if (current.kind === 'list') {
    if (lead.trim() !== '') throw notJson(current.from);
  } else {
    const keys = Object.keys(parsed(`{${lead}0}`) ?? {});
    if (keys.length !== 1) throw notJson(current.from);
    current.key = keys[0] ?? '';
  }
}

/** Parses what is known of a long text. It stays in its pieces until somebody looks at it. */
function lengthen(current: Open, window: Window, to: number): void {
  const piece = parsed(`"${window.slice(current.from, to)}"`);
  if (typeof current.value === 'string' && typeof piece === 'string') current.value += piece;
  current.from = to;
}

function attach(parent: Open, child: JsonValue): void {
  parent.isEmpty = false;
  if (Array.isArray(parent.value)) parent.value.push(child);
  else if (typeof parent.value === 'object') setMember(parent.value, parent.key, child);
}

/** Parses the members up to `to`. */
function take(current: Open, window: Window, to: number): void {
  const piece = window.slice(current.from, to);
  const isFollowing = !current.isEmpty && piece.trimStart().startsWith(',');
  const members = isFollowing ? piece.slice(piece.indexOf(',') + 1) : piece;
  current.value ??= current.kind === 'list' ? [] : {};
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
  if (typeof current.value !== 'object') return;
  for (const key of Object.keys(object)) setMember(current.value, key, object[key] ?? null);
}
