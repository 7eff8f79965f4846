import { AGENT_TYPES, type AgentType, type JsonObject, type JsonValue } from '@millrace/contracts';
import type { OutboundError } from '../outcome.js';

export { AGENT_TYPES, type AgentType };

/** What every agent type accepts, and the type's own keys beside it. Unknown and mistyped keys are ignored here. */
export interface AgentConfig {
  readonly model?: string | undefined;
  readonly temperature?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly instructions?: string | undefined;
  readonly reasoning_pattern?: string | undefined;
  readonly [own: string]: JsonValue | undefined;
}

export interface AgentRequest {
  readonly agentType: AgentType;
  readonly config: AgentConfig;
  /** Usually the parameters merged with the predecessors' outputs by step id; any JSON is accepted. */
  readonly input: JsonValue;
  /** The step's name; the text of last resort when the input holds none. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of text a model streams, in order. The offline provider streams nothing. */
  readonly onToken?: ((text: string) => void) | undefined;
  /** Milliseconds for the whole run, a repair attempt included; by default the runner's. */
  readonly timeoutMs?: number | undefined;
}

export interface AgentUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

export type AgentErrorCode =
  | 'unknown_agent'
  | 'input_invalid'
  | 'dependency_cycle'
  | 'output_invalid'
  | 'provider_unauthorized'
  | 'provider_rejected'
  | 'provider_rate_limited'
  | 'provider_unavailable'
  | 'timeout'
  | 'aborted'
  | 'internal';

export type AgentError = OutboundError<AgentErrorCode>;

/** `output` is the agent type's result with `provider`, `model` and `usage` beside it. */
export type AgentOutcome =
  { readonly ok: true; readonly output: AgentOutput } | { readonly ok: false; readonly error: AgentError };

export type AgentOutput = JsonObject & {
  provider: string;
  model: string | null;
  usage: { input_tokens: number; output_tokens: number } | null;
};
