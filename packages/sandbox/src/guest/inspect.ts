/**
 * Values as text, in one line, the way Node shows them. It runs among the author's code and calls none of its getters; a
 * Proxy's traps it does call, and what those do falls under the limits of the run.
 */

// The code may replace what it finds.
const {
  Array,
  ArrayBuffer,
  DataView,
  Date,
  Error,
  JSON,
  Map,
  Number,
  Object,
  Promise,
  Reflect,
  RegExp,
  Set,
  String,
} = globalThis;

const MAX_DEPTH = 2;
const MAX_ITEMS = 100;
const MAX_STRING = 8_000;

/** What `console.log(...values)` prints. */
export function formatLine(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
}

export function inspect(value: unknown): string {
  return show(value, 0, []);
}

function show(value: unknown, depth: number, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `${String(value)}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return showFunction(value);
    case 'object':
      return value === null ? 'null' : showObject(value, depth, above);
    default:
      return String(value);
  }
}

function quote(text: string): string {
  const cut = text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}…` : text;
  const json = JSON.stringify(cut);
  return cut.includes("'") ? json : `'${json.slice(1, -1).replaceAll('\\"', '"')}'`;
}

function showFunction(value: object): string {
  const name = ownValue(value, 'name');
  return typeof name === 'string' && name !== '' ? `[Function: ${name}]` : '[Function (anonymous)]';
}

function showObject(value: object, depth: number, above: readonly object[]): string {
  if (above.includes(value)) return '[Circular]';
  const name = nameOf(value);
  if (value instanceof Error) return showError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return 'Promise {}';
  if (depth > MAX_DEPTH) return `[${name === '' ? 'Object' : name}]`;
  const within = [...above, value];
  const inner = (member: unknown): string => show(member, depth + 1, within);
  if (Array.isArray(value)) return bracket('', '[', ']', listItems(value, inner));
  if (value instanceof Map) {
    const entries = first([...value]).map(([key, member]) => `${inner(key)} => ${inner(member)}`);
    return bracket(`Map(${String(value.size)}) `, '{', '}', withRest(entries, value.size));
  }
  if (value instanceof Set) {
    return bracket(
      `Set(${String(value.size)}) `,
      '{',
      '}',
      withRest(first([...value]).map(inner), value.size),
    );
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const { length } = value as Uint8Array;
    return bracket(`${name}(${String(length)}) `, '[', ']', listItems(value as Uint8Array, inner));
  }
  const shown = name === '' || name === 'Object' ? '' : `${name} `;
  return bracket(shown, '{', '}', members(value, inner));
}

/** The stack of an error, and what else was put on it. */
function showError(error: Error, depth: number): string {
  const stack = ownValue(error, 'stack');
  const head = String(error);
  const lines =
    typeof stack === 'string' && stack !== '' && depth === 0 ? `${head}\n${stack.trimEnd()}` : head;
  return depth === 0 ? lines : `[${head}]`;
}

function members(value: object, inner: (member: unknown) => string): string[] {
  const keys = Reflect.ownKeys(value).filter(
    (key) => Object.getOwnPropertyDescriptor(value, key)?.enumerable === true,
  );
  const shown = first(keys).map((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    const name =
      typeof key === 'symbol' ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
    if (descriptor?.get !== undefined) return `${name}: [Getter]`;
    return `${name}: ${inner(descriptor?.value)}`;
  });
  return withRest(shown, keys.length);
}

function listItems(list: ArrayLike<unknown>, inner: (member: unknown) => string): string[] {
  const shown: string[] = [];
  for (let index = 0; index < list.length && index < MAX_ITEMS; index += 1) {
    shown.push(index in list ? inner(list[index]) : '<empty>');
  }
  return withRest(shown, list.length);
}

function first<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, MAX_ITEMS);
}

function withRest(shown: string[], total: number): string[] {
  return total > MAX_ITEMS ? [...shown, `… ${String(total - MAX_ITEMS)} more`] : shown;
}

function bracket(name: string, open: string, close: string, items: readonly string[]): string {
  return items.length === 0 ? `${name}${open}${close}` : `${name}${open} ${items.join(', ')} ${close}`;
}

function nameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return '[Object: null prototype]';
  const constructor = ownValue(prototype as object, 'constructor');
  const name = typeof constructor === 'function' ? ownValue(constructor, 'name') : undefined;
  return typeof name === 'string' ? name : '';
}

/** Of a property that is a value; a getter is not asked. */
function ownValue(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
