import { jsonObject, type JsonValue } from '@millrace/contracts';
import * as z from 'zod';
import { boundJson, boundText } from './bounded.js';
import { aborted, refused } from './failures.js';
import type { AgentTool, ToolContext, ToolOutcome } from './types.js';

interface Definition<Input extends z.ZodType> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  run(input: z.output<Input>, context: ToolContext): Promise<ToolOutcome> | ToolOutcome;
}

/** A tool of the platform: its input is checked by the schema that the model is shown, its output is bounded. */
export function defineTool<Input extends z.ZodType>(definition: Definition<Input>): AgentTool {
  const { name, description, input: schema } = definition;
  return {
    name,
    description,
    inputSchema: jsonObject.parse(z.toJSONSchema(schema, { io: 'input' })),
    async run(input: JsonValue, context) {
      if (context.signal.aborted) return aborted();
      const checked = schema.safeParse(input);
      if (!checked.success) {
        const problems = boundText(z.prettifyError(checked.error), 1_000);
        return refused('tool_input_invalid', `The input does not suit "${name}":\n${problems}`);
      }
      const outcome = await definition.run(checked.data, context);
      return outcome.ok ? { ok: true, output: boundJson(outcome.output) } : outcome;
    },
  };
}
