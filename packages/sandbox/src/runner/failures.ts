import * as z from 'zod';
import type { CodeResult, CodeFailure, CodeLimits } from '../protocol.js';
import { firstPlace, toAuthorsPlaces } from './author.js';

/** An exception of the guest, in its own words: any of them may be a lie, and harms nobody but its author. */
export const thrown = z.object({ name: z.string(), message: z.string(), stack: z.string() });
export type Thrown = z.infer<typeof thrown>;

export const UNSPEAKABLE: Thrown = {
  name: '',
  message: 'the code threw something that cannot be shown',
  stack: '',
};

const MAX_MESSAGE = 4_000;
const MAX_FRAMES = 20;
const MAX_FRAME = 300;

/** What people reach for, and what there is instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  fetch: 'use an http_request step',
  XMLHttpRequest: 'use an http_request step',
  WebSocket: 'use an http_request step',
  setTimeout: 'use a delay step',
  setInterval: 'use a delay step',
  setImmediate: 'use a promise',
  require: 'a code step has no modules',
  process: 'a code step has no process and no environment; hand it what it needs through its input',
  Buffer: 'use Uint8Array',
  performance: 'use Date, which stands still at the time the step began',
};

export function failed(code: CodeFailure['code'], message: string): CodeResult & { ok: false } {
  return { ok: false, failure: { code, message } };
}

export function timedOut({ timeoutMs }: CodeLimits): CodeResult & { ok: false } {
  const seconds = String(timeoutMs / 1_000);
  return failed('code_timeout', `the code ran longer than its limit of ${seconds} seconds (timeout_seconds)`);
}

export function outOfMemory({ memoryMb }: CodeLimits): CodeResult & { ok: false } {
  return failed('code_memory', `the code needed more than its limit of ${String(memoryMb)} MB (memory_mb)`);
}

export function toFailure(error: Thrown, isModule: boolean, limits: CodeLimits): CodeResult & { ok: false } {
  const { name } = error;
  if (name === 'InternalError' && error.message === 'out of memory') return outOfMemory(limits);
  if (name === 'InternalError' && error.message === 'string too long') {
    return failed('code_memory', 'the code made a string longer than 1,073,741,823 characters');
  }
  if (error.message === 'null' && name === '' && error.stack === '') {
    // QuickJS throws it where no memory is left for an error.
    const limit = `its limit of ${String(limits.memoryMb)} MB (memory_mb)`;
    return failed('code_memory', `the code threw null, as it does when ${limit} leaves no room for an error`);
  }
  const stack = toStack(error.stack, isModule);
  const message = withAdvice(error).slice(0, MAX_MESSAGE);
  const failure: CodeFailure = {
    code: isSyntax(error) ? 'code_invalid' : 'code_error',
    message: name === '' ? message : `${name.slice(0, 100)}: ${message}`,
    ...firstPlace(stack),
    ...(stack !== '' && { stack }),
  };
  return { ok: false, failure };
}

/** Frames up to the last of the author's own; empty where there is none. */
function toStack(text: string, isModule: boolean): string {
  const frames = toAuthorsPlaces(text, isModule).split('\n').slice(0, MAX_FRAMES);
  const last = frames.findLastIndex((frame) => firstPlace(frame) !== undefined);
  return frames
    .slice(0, last + 1)
    .map((frame) => frame.slice(0, MAX_FRAME))
    .join('\n');
}

/** The source does not parse: the stack is the place alone. One that runs and throws has frames. */
function isSyntax({ name, stack }: Thrown): boolean {
  return name === 'SyntaxError' && /^\s*at step\.[jt]s:\d+:\d+\s*$/.test(stack);
}

function withAdvice({ name, message }: Thrown): string {
  const [, missing = ''] =
    name === 'ReferenceError' ? (/^'?(\w+)'? is not defined$/.exec(message) ?? []) : [];
  if (!Object.hasOwn(ELSEWHERE, missing)) return message;
  return `${missing} is not available in code steps: ${ELSEWHERE[missing] ?? ''}`;
}

/** What came out of WebAssembly itself. The instance is gone, and with it all that could say where. */
export function trapFailure(error: unknown): CodeResult & { ok: false } {
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return failed('code_error', 'the code nests too deeply, in its calls, its source or its data');
  }
  const message = error instanceof Error ? error.message : String(error);
  return failed('code_error', `the code broke its sandbox, which was thrown away: ${message.slice(0, 200)}`);
}
