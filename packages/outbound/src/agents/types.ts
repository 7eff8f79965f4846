import {
  AGENT_TYPES,
  type AgentCommonConfiguration,
  type AgentPhase,
  type AgentType,
  type JsonObject,
  type JsonValue,
  type LogLine,
} from '@millrace/contracts';
import type { OutboundError } from '../outcome.js';
import type { AgentTool } from '../tools/types.js';
import type { Recollection } from './memory.js';

export { AGENT_TYPES, type AgentType };

/** What every agent type accepts, and the type's own keys beside it. */
export type AgentConfig = Readonly<Partial<AgentCommonConfiguration>> & Readonly<Record<string, unknown>>;

/** Whose words a streamed piece of text is. */
export interface TokenSource {
  readonly phase: AgentPhase;
  readonly participant?: string;
  readonly turn?: number;
  readonly round?: number;
}

/** What may still be used. Undefined is unlimited. */
export interface Allowance {
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
}

/** A budget from which others spend at the same time. Rejects only when nobody wants the run any more. */
export interface SharedBudget {
  /** At this moment; asked before each call. */
  left(): Promise<Allowance>;
  /** What a call has used; without a price it cost nothing. */
  spend(used: { readonly tokens: number; readonly costUsd: number }): Promise<void>;
}

export interface AgentRequest {
  readonly agentType: AgentType;
  /** Checked against the schema of the agent type before anything happens. */
  readonly config: JsonObject;
  /** Usually the parameters merged with the predecessors' outputs by step id; any JSON is accepted. */
  readonly input: JsonValue;
  /** The step's name; the text of last resort when the input holds none. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of text a model streams, in order. The offline provider streams nothing. */
  readonly onToken?: ((text: string, source: TokenSource) => void) | undefined;
  /** Milliseconds for each call of a model, or for the whole work of the offline provider; by default the runner's. */
  readonly timeoutMs?: number | undefined;
  /** What `toolNames` says, made into tools. */
  readonly tools?: readonly AgentTool[] | undefined;
  /** What `recall` found; wanted where the configuration has a `memory`. */
  readonly recollection?: Recollection | undefined;
  /** The execution's. */
  readonly budget?: SharedBudget | undefined;
  /** Takes prompts, answers and tool calls as bounded lines of JSON. */
  readonly log?: ((level: LogLine['level'], message: string) => void) | undefined;
}

/** Of all calls of a run. `cost_usd` only where every model has a price; `estimated` where a service counted nothing. */
export type AgentUsage = {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  cost_usd?: number;
  estimated?: true;
};

/** A tool that ends the step may bring a code of its own. */
export type AgentError = OutboundError & { readonly details?: JsonObject };

/** `output` is the result with `provider`, `model` and `usage` beside it, and what was recorded on the way. */
export type AgentOutcome =
  | { readonly ok: true; readonly output: AgentOutput; readonly usage: AgentUsage | null }
  | { readonly ok: false; readonly error: AgentError; readonly usage: AgentUsage | null };

export type AgentOutput = JsonObject & {
  provider: string;
  model: string | null;
  usage: AgentUsage | null;
};
