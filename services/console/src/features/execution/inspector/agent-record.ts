import {
  agentConversation,
  agentReasoning,
  isJsonObject,
  type AgentConversation,
  type AgentReasoning,
  type JsonValue,
} from '@millrace/contracts';
import * as z from 'zod';

const fallback = z.object({ model: z.string(), code: z.string(), message: z.string() });
const used = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost_usd: z.number().optional(),
  estimated: z.boolean().optional(),
});

/** What an agent wrote beside its result. */
export interface AgentRecord {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly usage: z.infer<typeof used> | undefined;
  readonly reasoning: AgentReasoning | undefined;
  readonly conversation: AgentConversation | undefined;
  readonly fallbacks: readonly z.infer<typeof fallback>[];
}

/** Reads an agent's output with care: it may be of an earlier version, or a pinned one. */
export function agentRecordOf(output: JsonValue | undefined): AgentRecord {
  const fields = isJsonObject(output) ? output : {};
  const read = <T>(schema: z.ZodType<T>, name: string): T | undefined => schema.safeParse(fields[name]).data;
  return {
    provider: read(z.string(), 'provider'),
    model: read(z.string(), 'model'),
    usage: read(used, 'usage'),
    reasoning: read(agentReasoning, 'reasoning'),
    conversation: read(agentConversation, 'conversation'),
    fallbacks: read(z.array(fallback), 'fallbacks') ?? [],
  };
}
