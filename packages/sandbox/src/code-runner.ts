import {
  type ExecutionError,
  inTurns,
  JsonLimitError,
  type JsonLimits,
  type JsonObject,
  type JsonPieces,
  type JsonValue,
  parseJsonSlices,
  writeJsonSlices,
} from '@millrace/contracts';
import type { IsolatedResult } from '@millrace/isolation';
import { createCodePool, DEFAULT_LIMITS, GRACE_MS } from './code-pool.js';
import {
  type CodeAnswer,
  codeAnswer,
  type CodeFailure,
  type CodeLimits,
  codeNote,
  type LogLevel,
} from './protocol.js';

export interface CodeRunnerOptions {
  /** Runs at once, each in a process of its own; started when first needed. */
  processes: number;
  /** Runs that may wait for one; more are refused. Default 10,000. */
  maxWaiting?: number;
  /** A process is replaced after so many. Default 1,000. */
  runsPerProcess?: number;
}

export interface CodeRun {
  language: 'javascript' | 'typescript';
  source: string;
  /** The first argument of the code. */
  input: JsonValue;
  /** The second argument, frozen. Default {}. */
  context?: JsonObject;
  limits?: Partial<CodeLimits>;
  /** What the code's clock says, milliseconds since 1970. It stands still. */
  now: number;
  /** Of `Math.random`, from 0 to below 1: the same numbers for the same seed. */
  seed: number;
  signal?: AbortSignal;
  /** A line of `console`, while the code runs. It must not throw. */
  onLog?(level: LogLevel, message: string): void;
}

export type CodeOutcome =
  /** `json` is the text of an `output` that is large. */
  | { readonly ok: true; readonly output: JsonValue; readonly json?: JsonPieces }
  | { readonly ok: false; readonly error: ExecutionError };

export interface CodeRunner {
  /** Never rejects. Time counts from when a process takes the run. */
  run(run: CodeRun): Promise<CodeOutcome>;
  /** Ends every process; runs under way and waiting are `aborted`. */
  stop(): Promise<void>;
}

/**
 * Code of people who trust nobody and whom nobody trusts: JavaScript in QuickJS, in WebAssembly, in a process of its own
 * that is denied what it does not need. It sees its input and nothing of this process, its files, its network or its time.
 */
export function createCodeRunner({
  processes,
  maxWaiting = 10_000,
  runsPerProcess = 1_000,
}: CodeRunnerOptions): CodeRunner {
  const pool = createCodePool({ processes, runsPerProcess });
  let pending = 0;

  return {
    async run({ language, source, input, context = {}, now, seed, signal, onLog, ...run }) {
      if (pending >= processes + maxWaiting) return BUSY;
      const limits = { ...DEFAULT_LIMITS, ...run.limits };
      pending += 1;
      try {
        const [inputText, contextText] = [await textOf(input), await textOf(context)];
        const order = { language, source, limits, now, seed, inputPieces: inputText.length };
        const result = await pool.run(order, {
          timeoutMs: limits.timeoutMs + GRACE_MS,
          text: [...inputText, ...contextText],
          ...(signal && { signal }),
          onNote(note) {
            const line = codeNote.safeParse(note);
            if (line.success) onLog?.(line.data.level, line.data.message);
          },
        });
        return await toOutcome(result, limits);
      } finally {
        pending -= 1;
      }
    },
    stop: () => pool.stop(),
  };
}

async function textOf(value: JsonValue): Promise<JsonPieces> {
  return (await inTurns(writeJsonSlices(value, UNLIMITED)))?.pieces ?? ['null'];
}

const BUSY: CodeOutcome = {
  ok: false,
  error: {
    code: 'code_busy',
    message: 'too many code steps wait on this worker; raise CODE_PROCESSES or run more workers',
    fault: 'platform',
    retryable: true,
  },
};

async function toOutcome(result: IsolatedResult<CodeAnswer>, limits: CodeLimits): Promise<CodeOutcome> {
  switch (result.kind) {
    case 'answered':
      return fromAnswer(result.answer, result.text ?? []);
    case 'timeout':
      return refused({
        code: 'code_timeout',
        message: `the code ran longer than its limit of ${String(limits.timeoutMs / 1_000)} seconds (timeout_seconds) and was killed`,
      });
    case 'aborted':
      return {
        ok: false,
        error: { code: 'aborted', message: 'The step was stopped', fault: 'caller', retryable: false },
      };
    case 'died':
      return refused({
        code: 'code_memory',
        message: `the process of the code ended, most likely because it needed too much memory (${result.message})`,
      });
  }
}

/** The process that answered has run what nobody trusts: its answer is parsed like any other text from outside. */
async function fromAnswer(answer: CodeAnswer, json: JsonPieces): Promise<CodeOutcome> {
  const parsed = codeAnswer.safeParse(answer);
  if (!parsed.success) return BROKEN;
  if (!parsed.data.ok) return refused(parsed.data.failure);
  try {
    const output = await inTurns(parseJsonSlices(json, OUTPUT_LIMITS));
    return { ok: true, output, ...(json.length > 1 && { json }) };
  } catch (error) {
    if (!(error instanceof JsonLimitError)) return BROKEN;
    const message = `the output is too large: ${error.message}`;
    return refused({ code: 'code_output_too_large', message });
  }
}

/** Its size is limited where it is made; here, what it becomes in memory. */
const OUTPUT_LIMITS: JsonLimits = { length: Infinity, values: 1_000_000, depth: 200, members: 50_000 };

const UNLIMITED: JsonLimits = { length: Infinity, values: Infinity, depth: Infinity };

const BROKEN: CodeOutcome = refused({
  code: 'code_error',
  message: 'the runner of the code gave no valid answer',
});

function refused({ code, message, line, column, stack }: CodeFailure): CodeOutcome {
  const where = line === undefined ? '' : ` (line ${String(line)}, column ${String(column)})`;
  const details: JsonObject = {
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(stack !== undefined && { stack }),
  };
  const error: ExecutionError = { code, message: `${message}${where}`, fault: 'workflow', retryable: false };
  return { ok: false, error: line === undefined && stack === undefined ? error : { ...error, details } };
}
