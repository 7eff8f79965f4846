/**
 * Runs inside QuickJS before the author's code, in the same world: nothing here may hold an authority that the author's
 * code is not meant to have, and what it answers is believed no more than the author's code is.
 */
import { formatLine } from './inspect.js';

export interface GuestOptions {
  /** Of `Math.random`, from 0 to below 1. */
  seed: number;
  logLines: number;
  lineLength: number;
}

/** What the host calls. Every function may throw, and never end, as the author's code may. */
export interface Guest {
  /** Calls the author's function, or the default export of the author's module; `state` says how it went. */
  start(code: unknown, isModule: boolean, input: string, context: string): void;
  state(): 'pending' | 'returned' | 'threw' | 'no_function';
  /** What was returned, as JSON. Throws where it is none. */
  output(): string;
  /** What was thrown. */
  thrown(): unknown;
  /** JSON of {name, message, stack}. */
  describe(error: unknown): string;
}

type AuthorFunction = (input: unknown, context: unknown) => unknown;

// The code may replace what it finds; the platform's part of this world goes on with what was there before.
const { Error, Map, Promise, Reflect, Set, TypeError } = globalThis;
const { parse, stringify } = JSON;
const { defineProperty, freeze, values } = Object;

export function setup(log: (level: string, line: string) => void, options: GuestOptions): Guest {
  Math.random = seededRandom(options.seed);
  Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
  const console = createConsole(log, options);
  defineProperty(globalThis, 'console', { value: console, writable: true, configurable: true });

  let state: ReturnType<Guest['state']> = 'pending';
  let result: unknown;

  async function run(code: unknown, isModule: boolean, input: string, context: string): Promise<void> {
    try {
      const loaded: unknown = isModule ? await code : code;
      const main: unknown = isModule ? (loaded as { default?: unknown }).default : loaded;
      if (typeof main !== 'function') {
        state = 'no_function';
        return;
      }
      result = await (main as AuthorFunction)(parse(input), freezeAll(parse(context)));
      state = 'returned';
    } catch (error) {
      result = error;
      state = 'threw';
    }
  }

  return {
    start(code, isModule, input, context) {
      void run(code, isModule, input, context);
    },
    state: () => state,
    output() {
      refuseToLose(result);
      // A function without `return` answers nothing, which JSON calls null.
      const text: unknown = stringify(result === undefined ? null : result);
      if (typeof text !== 'string') throw new TypeError(`a ${typeof result} is not JSON`);
      return text;
    },
    thrown: () => result,
    describe,
  };
}

function refuseToLose(result: unknown): void {
  refuseKind(result, Map, 'a Map is not JSON: return Object.fromEntries(map) or [...map]');
  refuseKind(result, Set, 'a Set is not JSON: return [...set]');
  if (result instanceof Promise || typeof result === 'function' || typeof result === 'symbol') {
    throw new TypeError(`a ${typeof result} is not JSON`);
  }
}

/** JSON would make `{}` of it without a word, at the top and below. Where its prototype is frozen, it still does below. */
function refuseKind(result: unknown, kind: MapConstructor | SetConstructor, message: string): void {
  if (result instanceof kind) throw new TypeError(message);
  Reflect.defineProperty(kind.prototype, 'toJSON', {
    configurable: true,
    value() {
      throw new TypeError(message);
    },
  });
}

function createConsole(
  log: (level: string, line: string) => void,
  { logLines, lineLength }: GuestOptions,
): Record<string, (...values: unknown[]) => void> {
  let lines = 0;
  const at =
    (level: string) =>
    (...values: unknown[]): void => {
      lines += 1;
      if (lines > logLines) return;
      log(level, lines === logLines ? 'more lines were logged; they are dropped' : cut(formatLine(values)));
    };
  const cut = (line: string): string =>
    line.length > lineLength ? `${line.slice(0, lineLength - 1)}…` : line;
  const [debug, info, warn, error] = [at('debug'), at('info'), at('warn'), at('error')] as const;
  return { log: info, info, warn, error, debug, trace: debug, dir: info };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return stringify({ name: '', message: formatLine([error]), stack: '' });
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 20_000) : '');
  return stringify({ name: text(error.name), message: text(error.message), stack: text(error.stack) });
}

/** mulberry32. */
function seededRandom(seed: number): () => number {
  let state = Math.floor(seed * 2 ** 32) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function freezeAll(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of values(value)) freezeAll(member);
  return freeze(value);
}
