import type { JsonObject, JsonValue } from '@millrace/contracts';
import * as z from 'zod';
import { boundText, MAX_OUTPUT_CHARACTERS } from './bounded.js';
import { defineTool } from './define.js';
import { refused } from './failures.js';
import { follow, parsePath } from './path.js';
import type { AgentTool } from './types.js';

/** What an execution knows while a step runs. Never more than the step's own expressions may see. */
export interface ToolScope {
  readonly parameters: JsonObject;
  readonly steps: Readonly<Record<string, { readonly output: JsonValue; readonly status: string }>>;
  readonly execution: Readonly<Record<string, JsonValue>>;
}

const MAX_NAMES = 100;

/** What stands somewhere, without the thing itself: enough to ask for a part of it. */
function outline(value: JsonValue): JsonObject {
  if (Array.isArray(value)) return { type: 'array', length: value.length };
  if (value === null) return { type: 'null' };
  if (typeof value === 'string') return { type: 'string', length: value.length };
  if (typeof value !== 'object') return { type: typeof value, value };
  const keys = Object.keys(value);
  const shown = keys.slice(0, MAX_NAMES).map((key) => boundText(key, 200));
  return {
    type: 'object',
    keys: shown,
    ...(keys.length > shown.length && { more_keys: keys.length - shown.length }),
  };
}

function overview({ parameters, steps, execution }: ToolScope): JsonObject {
  const ids = Object.keys(steps);
  const listed = ids.slice(0, MAX_NAMES).map((id) => {
    const { status, output } = steps[id] ?? { status: 'unknown', output: null };
    return { path: `steps[${JSON.stringify(id)}].output`, status, output: outline(output) };
  });
  return {
    parameters: outline(parameters),
    steps: listed,
    ...(ids.length > listed.length && { more_steps: ids.length - listed.length }),
    execution,
  };
}

function asValue({ parameters, steps, execution }: ToolScope): JsonObject {
  const outputs = Object.entries(steps).map(([id, { output, status }]) => [id, { output, status }] as const);
  return { parameters, steps: Object.fromEntries(outputs), execution };
}

/** Look-ups in what the execution knows, by path; one that is too large is answered with its outline. */
export function createContextTool(scope: ToolScope): AgentTool {
  return defineTool({
    name: 'context',
    description:
      'Looks up data of the running workflow: parameters, outputs of earlier steps and facts about the execution. ' +
      'Without a path it lists what is there.',
    input: z.strictObject({
      path: z
        .string()
        .max(1_000)
        .optional()
        .describe('For example parameters.topic, steps.fetch.output.items[0] or steps["fetch-1"].output'),
    }),
    run({ path: text = '' }) {
      const path = parsePath(text);
      if (path === undefined) {
        const words = 'names, [0] and ["name"] joined by dots, as in steps.fetch.output.items[0]';
        return refused('tool_input_invalid', `"${boundText(text, 200)}" is no path: it is made of ${words}`);
      }
      if (path.length === 0) return { ok: true, output: overview(scope) };
      const looked = follow(asValue(scope), path);
      if (!looked.found) {
        const there = JSON.stringify(outline(looked.value));
        const missing = JSON.stringify(path[looked.at]);
        return refused(
          'path_not_found',
          `There is no ${missing} in ${boundText(text, 200)}. There is ${boundText(there, 2_000)}`,
        );
      }
      const { value } = looked;
      const characters = JSON.stringify(value).length;
      if (characters <= MAX_OUTPUT_CHARACTERS / 2) return { ok: true, output: { value } };
      const shown = typeof value === 'string' ? value : JSON.stringify(value);
      const preview = boundText(shown, MAX_OUTPUT_CHARACTERS / 4);
      return { ok: true, output: { truncated: true, characters, ...outline(value), preview } };
    },
  });
}
