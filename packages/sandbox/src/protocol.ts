/** What the runner and its processes say to each other. A process is not trusted: what it says is parsed. */
import * as z from 'zod';

export const logLevel = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevel>;

/** What one run may use. */
export interface CodeLimits {
  timeoutMs: number;
  /** Of the code's own memory: its input, its values, its output. */
  memoryMb: number;
  /** Of the output as JSON. */
  outputBytes: number;
  logLines: number;
  /** Of all lines together. */
  logBytes: number;
}

export interface CodeRequest {
  /** Compile it and run nothing of it; the output is null then. */
  onlyCompile?: boolean;
  language: 'javascript' | 'typescript';
  source: string;
  /** JSON, as is `context`. */
  input: string;
  context: string;
  limits: CodeLimits;
  /** What the code's clock says, milliseconds since 1970. */
  now: number;
  /** Of `Math.random`, from 0 to below 1. */
  seed: number;
}

/** A request as it is sent: `input` is the text of the first pieces beside it, `context` that of the rest. */
export interface CodeOrder extends Omit<CodeRequest, 'input' | 'context'> {
  inputPieces: number;
}

export const codeNote = z.strictObject({ level: logLevel, message: z.string() });
export type CodeNote = z.infer<typeof codeNote>;

/** Lines and columns are those of the author's source, from 1. */
export const codeFailure = z.strictObject({
  code: z.enum([
    'code_invalid',
    'code_error',
    'code_timeout',
    'code_memory',
    'code_output_invalid',
    'code_output_too_large',
  ]),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  stack: z.string().optional(),
});
export type CodeFailure = z.infer<typeof codeFailure>;

/** What became of a run; `output` is JSON. */
export type CodeResult =
  { readonly ok: true; readonly output: string } | { readonly ok: false; readonly failure: CodeFailure };

/** The output is the text beside it. */
export const codeAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), failure: codeFailure }),
]);
export type CodeAnswer = z.infer<typeof codeAnswer>;
