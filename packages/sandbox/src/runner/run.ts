import type { QuickJSHandle, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { type CodeResult, type CodeNote, type CodeRequest, logLevel } from '../protocol.js';
import { type AuthorCode, fileNameOf, formsOf, toAuthorsPlaces } from './author.js';
import { failed, outOfMemory, timedOut, toFailure, trapFailure } from './failures.js';
import { takeInstance } from './instance.js';
import { GuestError, OutOfTime, World } from './world.js';

const MAX_LINE_LENGTH = 8_000;

/** Runs the code once, in a world of its own. Never rejects, whatever the code does; what blocks for ever is the parent's to end. */
export async function runCode(request: CodeRequest, note: (note: CodeNote) => void): Promise<CodeResult> {
  const { limits } = request;
  const prepared = formsOf(request);
  if (!prepared.ok) return prepared;
  // Its text is copied twice on the way in; text that could never fit is not let near.
  const inputBytes = Buffer.byteLength(request.input) + Buffer.byteLength(request.context);
  if (inputBytes * 2 > limits.memoryMb * 1_048_576) return outOfMemory(limits);
  const quickjs = await takeInstance(limits.memoryMb);
  const { now } = Date;
  // The clock of QuickJS is the Date of this process.
  Date.now = () => request.now;
  try {
    return runIn(quickjs, request, prepared.forms, note);
  } catch (error) {
    return error instanceof OutOfTime ? timedOut(limits) : trapFailure(error);
  } finally {
    Date.now = now;
  }
}

function runIn(
  quickjs: QuickJSWASMModule,
  request: CodeRequest,
  forms: readonly AuthorCode[],
  note: (note: CodeNote) => void,
): CodeResult {
  const { limits } = request;
  let isModule = false;
  const log = boundedLog(limits, (line) => {
    note({ ...line, message: toAuthorsPlaces(line.message, isModule).trimEnd() });
  });
  const world = new World(quickjs, { limits, seed: request.seed, lineLength: MAX_LINE_LENGTH, onLog: log });
  try {
    const fileName = fileNameOf(request);
    if (request.onlyCompile === true) {
      firstThatCompiles(forms, (form) => {
        ({ isModule } = form);
        world.check(form.code, fileName, typeOf(form));
      });
      return { ok: true, output: 'null' };
    }
    const input = world.string(request.input);
    const context = world.string(request.context);
    const compiled = firstThatCompiles(forms, (form) => {
      ({ isModule } = form);
      return world.evaluate(form.code, fileName, typeOf(form));
    });
    world.call('start', compiled, world.boolean(isModule), input, context);
    const state = settle(world);
    if (state === 'returned') return output(world, limits.outputBytes, isModule, request);
    if (state === 'threw') return toFailure(world.describe(world.call('thrown')), isModule, limits);
    return state === 'no_function' ? NO_FUNCTION : NEVER_SETTLES;
  } catch (error) {
    if (error instanceof GuestError) return toFailure(error.thrown, isModule, limits);
    throw error;
  }
}

const NO_FUNCTION = failed(
  'code_invalid',
  'the module needs `export default` of a function (input, context) {…}; or leave `export` out and write the body of one',
);
const NEVER_SETTLES = failed(
  'code_error',
  'the code waits for a promise that nothing settles: a code step has no timers and no network',
);

/** What `compile` makes of the first form that compiles; where none does, the error of the last is thrown. */
function firstThatCompiles<T>(forms: readonly AuthorCode[], compile: (form: AuthorCode) => T): T {
  let failure: unknown;
  for (const form of forms) {
    try {
      return compile(form);
    } catch (error) {
      // After anything else than its own exception QuickJS is in no state to go on.
      if (!(error instanceof GuestError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function typeOf({ isModule }: AuthorCode): 'global' | 'module' {
  return isModule ? 'module' : 'global';
}

/** Runs promise jobs until the code has returned or thrown, or nothing is left that could make it. */
function settle(world: World): string {
  for (;;) {
    const state = world.text(world.call('state'));
    if (state !== 'pending') return state;
    if (!world.runJobs()) return world.text(world.call('state'));
  }
}

function output(world: World, outputBytes: number, isModule: boolean, { limits }: CodeRequest): CodeResult {
  let json: QuickJSHandle;
  try {
    json = world.call('output');
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    const { failure } = toFailure(error.thrown, isModule, limits);
    if (failure.code !== 'code_error') return { ok: false, failure };
    const message = `what the code returned cannot be written as JSON: ${failure.message}`;
    return { ok: false, failure: { ...failure, code: 'code_output_invalid', message } };
  }
  const text = world.lengthOf(json) > outputBytes ? undefined : world.text(json);
  if (text === '') return outOfMemory(limits);
  if (text !== undefined && Buffer.byteLength(text) <= outputBytes) return { ok: true, output: text };
  return failed('code_output_too_large', `the output has more than ${String(outputBytes)} bytes of JSON`);
}

/** What the guest logs, as far as it may. */
function boundedLog(
  { logLines, logBytes }: CodeRequest['limits'],
  say: (note: CodeNote) => void,
): (level: string, line: string) => void {
  let lines = 0;
  let bytes = 0;
  return (level, line) => {
    const known = logLevel.safeParse(level);
    if (!known.success || lines >= logLines || bytes > logBytes) return;
    const message = line.slice(0, MAX_LINE_LENGTH);
    lines += 1;
    bytes += Buffer.byteLength(message);
    if (bytes <= logBytes) say({ level: known.data, message });
    else
      say({ level: 'warn', message: `more than ${String(logBytes)} bytes were logged; the rest is dropped` });
  };
}
