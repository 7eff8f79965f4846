import type { ExecutionError, JsonValue, LogLine } from '@millrace/contracts';
import * as z from 'zod';
import { boundText } from './bounded.js';
import { defineTool } from './define.js';
import { aborted } from './failures.js';
import type { AgentTool } from './types.js';

/** What the tool needs of a sandbox. */
export interface CodeRunner {
  /** Never rejects. */
  run(request: {
    readonly language: 'javascript';
    readonly source: string;
    readonly input: JsonValue;
    readonly signal: AbortSignal;
    onLog(level: LogLine['level'], message: string): void;
  }): Promise<
    { readonly ok: true; readonly output: JsonValue } | { readonly ok: false; readonly error: ExecutionError }
  >;
}

const MAX_SOURCE = 100_000;
const MAX_LINES = 100;
const MAX_LINE = 500;

/** JavaScript of a model in the sandbox that code steps run in; the model sees what it printed, too. */
export function createCodeTool(runner: CodeRunner): AgentTool {
  return defineTool({
    name: 'code',
    description:
      'Runs JavaScript and answers {result, printed}. The code is the body of a function that is given `input` and ' +
      'ends with `return`. There is no network, no file and no module; `console.log` prints.',
    input: z.strictObject({
      source: z.string().min(1).max(MAX_SOURCE).describe('For example: return input.numbers.length;'),
      input: z.json().default(null).describe('What the code sees as `input`'),
    }),
    async run({ source, input }, { signal, log }) {
      const printed: string[] = [];
      const outcome = await runner.run({
        ...{ language: 'javascript', source, input, signal },
        onLog(level, message) {
          log(level, message);
          if (printed.length < MAX_LINES) printed.push(boundText(message, MAX_LINE));
        },
      });
      if (outcome.ok) return { ok: true, output: { result: outcome.output, printed } };
      return signal.aborted ? aborted() : { ok: false, error: outcome.error };
    },
  });
}
