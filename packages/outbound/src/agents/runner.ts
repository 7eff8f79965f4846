import { agentError } from '../llm/errors.js';
import { createLlmProvider, type LlmConfig, type LlmProvider } from '../llm/provider.js';
import { createOfflineAgents } from '../offline/agents.js';
import { failure, success } from './outcome.js';
import { AGENT_TYPES, type AgentOutcome, type AgentRequest } from './types.js';

export interface AgentRunnerConfig {
  /** LLM_BASE_URL; without it, or empty, agents work offline by rules. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly model?: string | undefined;
  /** For requests that give none; 120 s. */
  readonly timeoutMs?: number | undefined;
}

export interface AgentRunner {
  readonly provider: 'offline' | 'openai-compatible';
  /** Never rejects. */
  run(request: AgentRequest): Promise<AgentOutcome>;
  /** Ends the processes of the offline agents; what they were working on is aborted. */
  close(): Promise<void>;
}

async function fromModel(llm: LlmProvider, request: AgentRequest, timeoutMs: number): Promise<AgentOutcome> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  const outcome = await llm.run(request, signal);
  if (outcome.ok) return success(outcome.result, 'openai-compatible', outcome.model, outcome.usage);
  if (request.signal?.aborted) return failure(agentError('aborted', 'The agent was cancelled'));
  if (deadline.aborted)
    return failure(agentError('timeout', `The model gave no complete answer within ${String(timeoutMs)} ms`));
  return failure(outcome.error);
}

/** Chooses the provider once; throws a RangeError for a base URL that is none. */
export function createAgentRunner(config: AgentRunnerConfig = {}): AgentRunner {
  const baseUrl = config.baseUrl?.trim() ?? '';
  const llmConfig: LlmConfig = { baseUrl, apiKey: config.apiKey, model: config.model };
  const llm = baseUrl === '' ? undefined : createLlmProvider(llmConfig);
  // Its processes start with the first request, so it costs nothing where a model is configured.
  const offlineAgents = createOfflineAgents();
  const defaultTimeoutMs = config.timeoutMs ?? 120_000;
  return {
    provider: llm ? 'openai-compatible' : 'offline',
    async run(request) {
      if (!AGENT_TYPES.some((known) => known === request.agentType)) {
        return failure(
          agentError(
            'unknown_agent',
            `There is no agent type "${request.agentType}"; there are ${AGENT_TYPES.join(', ')}`,
          ),
        );
      }
      if (request.signal?.aborted) return failure(agentError('aborted', 'The agent was cancelled'));
      const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
      if (llm !== undefined) return fromModel(llm, request, timeoutMs);
      const { agentType, config: own, input, label, signal } = request;
      return offlineAgents.run(
        { agentType, config: own, input, label },
        { timeoutMs, ...(signal && { signal }) },
      );
    },
    close: () => offlineAgents.stop(),
  };
}
