import type {
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import type { CodeLimits } from '../protocol.js';
import { type Thrown, thrown, UNSPEAKABLE } from './failures.js';
import { allowPrelude, PRELUDE } from './guest-modules.js';

/** Deeper recursion ends with an error that the code can catch. */
const STACK_BYTES = 512 * 1_024;
/** What is left to say what went wrong where all memory is used. */
const LAST_WORDS_BYTES = 2 * 1_048_576;
/** Promise jobs between two looks at the clock and at whether the code has returned. */
const JOBS_AT_ONCE = 64;

/** The guest threw. */
export class GuestError extends Error {
  constructor(readonly thrown: Thrown) {
    super(thrown.message);
  }
}

/** The time is over. */
export class OutOfTime extends Error {}

export interface WorldOptions {
  limits: CodeLimits;
  seed: number;
  lineLength: number;
  /** Believe neither argument. */
  onLog(level: string, line: string): void;
}

/**
 * QuickJS with the prelude in it, before and while the author's code runs. Nothing but text passes in either direction,
 * and nothing is disposed: the memory of the whole instance goes with it. Everything may throw `GuestError` or
 * `OutOfTime`, and what WebAssembly throws.
 */
export class World {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #guest: QuickJSHandle;
  readonly #memoryBytes: number;
  readonly #deadline: number;
  #isOver = false;

  constructor(quickjs: QuickJSWASMModule, { limits, seed, lineLength, onLog }: WorldOptions) {
    this.#memoryBytes = limits.memoryMb * 1_048_576;
    this.#deadline = performance.now() + limits.timeoutMs;
    this.#runtime = quickjs.newRuntime();
    this.#runtime.setMemoryLimit(this.#memoryBytes);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => this.#checkTime());
    const context = this.#runtime.newContext();
    this.#context = context;
    const modules = allowPrelude(this.#runtime);
    const prelude = context.unwrapResult(context.evalCode(PRELUDE.text, PRELUDE.name, { type: 'module' }));
    const options = context.newObject();
    context.setProp(options, 'seed', context.newNumber(seed));
    context.setProp(options, 'logLines', context.newNumber(limits.logLines));
    context.setProp(options, 'lineLength', context.newNumber(lineLength));
    const log = context.newFunction('log', (level, line) => {
      onLog(this.text(level), this.text(line));
    });
    this.#guest = context.unwrapResult(context.callMethod(prelude, 'setup', [log, options]));
    modules.close();
  }

  /** Compiles a script to the value of its expression, and a module to its namespace or a promise of it, which runs its top level. */
  evaluate(code: string, fileName: string, type: 'global' | 'module'): QuickJSHandle {
    return this.#unwrap(this.#context.evalCode(code, fileName, { type, strict: true }));
  }

  /** Whether it compiles; nothing of it runs. What a module imports is looked for. */
  check(code: string, fileName: string, type: 'global' | 'module'): void {
    this.#unwrap(this.#context.evalCode(code, fileName, { type, strict: true, compileOnly: true }));
  }

  /** Calls a function of the prelude. */
  call(method: string, ...values: QuickJSHandle[]): QuickJSHandle {
    return this.#unwrap(this.#context.callMethod(this.#guest, method, values));
  }

  /** Runs some of the promise jobs that are due. False when there is none. */
  runJobs(): boolean {
    const jobs = this.#runtime.executePendingJobs(JOBS_AT_ONCE);
    if (jobs.error !== undefined) throw this.#error(jobs.error);
    if (this.#checkTime()) throw new OutOfTime();
    return jobs.value > 0;
  }

  boolean(value: boolean): QuickJSHandle {
    return value ? this.#context.true : this.#context.false;
  }

  /** A string for the guest, from its memory. */
  string(text: string): QuickJSHandle {
    const handle = this.#context.newString(text);
    if (this.#context.typeof(handle) === 'string') return handle;
    throw new GuestError({ name: 'InternalError', message: 'out of memory', stack: '' });
  }

  /** A string of the guest. Empty where it is none, or its memory does not suffice for the copy. */
  text(handle: QuickJSHandle): string {
    return this.#context.typeof(handle) === 'string' ? this.#context.getString(handle) : '';
  }

  /** Of a string, without a copy. */
  lengthOf(handle: QuickJSHandle): number {
    return this.#context.getNumber(this.#context.getProp(handle, 'length'));
  }

  /** What the guest threw, in its own words. */
  describe(error: QuickJSHandle): Thrown {
    this.#runtime.setMemoryLimit(this.#memoryBytes + LAST_WORDS_BYTES);
    const described = this.#context.callMethod(this.#guest, 'describe', [error]);
    if (this.#isOver) throw new OutOfTime();
    if (described.error !== undefined) return UNSPEAKABLE;
    try {
      return thrown.parse(JSON.parse(this.text(described.value)));
    } catch {
      return UNSPEAKABLE;
    }
  }

  #unwrap(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (result.error !== undefined) throw this.#error(result.error);
    return result.value;
  }

  #error(handle: QuickJSHandle): Error {
    return this.#isOver ? new OutOfTime() : new GuestError(this.describe(handle));
  }

  #checkTime(): boolean {
    this.#isOver ||= performance.now() > this.#deadline;
    return this.#isOver;
  }
}
