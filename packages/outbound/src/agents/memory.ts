import {
  type AgentConversation,
  agentConversation,
  type AgentCommonConfiguration,
  type ConversationTurn,
  isJsonObject,
  type JsonValue,
} from '@millrace/contracts';
import { shorten } from './recorder.js';

const DEFAULT_TURNS = 10;
const MAX_USER = 8_000;
const MAX_ASSISTANT = 16_000;

export type Memory = NonNullable<AgentCommonConfiguration['memory']>;

export interface Recollection {
  /** Oldest first, at most `max_turns`. */
  readonly history: readonly ConversationTurn[];
  /** Where the next turn stands in the conversation, from 1. */
  readonly position: number;
}

function isConversation(value: AgentConversation | undefined): value is AgentConversation {
  return value !== undefined;
}

function conversationOf(output: JsonValue | undefined): AgentConversation | undefined {
  const field = isJsonObject(output) ? output['conversation'] : undefined;
  return field === undefined ? undefined : agentConversation.safeParse(field).data;
}

/**
 * The conversation under a key, found in the outputs of the steps that ended before. Turns that were written side by
 * side have the same place; they are ordered by step id, so that the same log always gives the same conversation.
 */
export function recall(
  steps: Readonly<Record<string, { readonly output?: JsonValue }>>,
  { key, max_turns }: Memory,
): Recollection {
  const turns = Object.keys(steps)
    .sort()
    .map((stepId) => conversationOf(steps[stepId]?.output))
    .filter(isConversation)
    .filter((conversation) => conversation.key === key)
    .sort((a, b) => a.position - b.position);
  return {
    history: turns.slice(-(max_turns ?? DEFAULT_TURNS)).map(({ turn }) => turn),
    position: Math.max(0, ...turns.map(({ position }) => position)) + 1,
  };
}

/** What the output of a step keeps of its own turn. */
export function remember(key: string, position: number, user: string, result: object): AgentConversation {
  const assistant = shorten(JSON.stringify(result), MAX_ASSISTANT);
  return { key, position, turn: { user: shorten(user, MAX_USER), assistant } };
}
