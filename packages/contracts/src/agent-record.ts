import * as z from 'zod';
import { REASONING_PATTERNS } from './agents.js';
import { jsonValue } from './json.js';

/** Where in its work an agent is; also beside the tokens it streams. */
export const AGENT_PHASES = [
  'answer',
  'repair',
  'reasoning',
  'turn',
  'tool',
  'draft',
  'critique',
  'revision',
  'synthesis',
  'check',
] as const;
export const agentPhase = z.enum(AGENT_PHASES);
export type AgentPhase = z.infer<typeof agentPhase>;

/** One thing an agent did on its way to the result. Texts are shortened. */
export const reasoningEntry = z.strictObject({
  phase: agentPhase,
  participant: z.string().optional(),
  round: z.int().min(1).optional(),
  turn: z.int().min(1).optional(),
  text: z.string().optional(),
  tool: z.string().optional(),
  input: jsonValue.optional(),
  output: jsonValue.optional(),
  /** Of a tool that failed, or of a check that did. */
  error: z.string().optional(),
});
export type ReasoningEntry = z.infer<typeof reasoningEntry>;

/** `output.reasoning` of an agent with a pattern or tools; `dropped` counts entries beyond the limit. */
export const agentReasoning = z
  .strictObject({
    pattern: z.enum(REASONING_PATTERNS),
    entries: z.array(reasoningEntry),
    dropped: z.int().min(1).optional(),
  })
  .meta({ id: 'AgentReasoning' });
export type AgentReasoning = z.infer<typeof agentReasoning>;

/** One exchange: what the step was asked, and what it answered. Both are shortened. */
export const conversationTurn = z.strictObject({ user: z.string(), assistant: z.string() });
export type ConversationTurn = z.infer<typeof conversationTurn>;

/** `output.conversation` of an agent with `memory`: the turn that this step added, and its place. */
export const agentConversation = z
  .strictObject({ key: z.string(), position: z.int().min(1), turn: conversationTurn })
  .meta({ id: 'AgentConversation' });
export type AgentConversation = z.infer<typeof agentConversation>;
