import { AGENT_CONFIGURATIONS } from '@millrace/contracts';
import { createLlmAgents } from '../llm/agents.js';
import { createModels, type ModelRef } from '../llm/models.js';
import { type LlmSettings, OFFLINE_SETTINGS, type ProviderName } from '../llm/settings.js';
import { createOfflineAgents } from '../offline/agents.js';
import { agentError, AgentFailure } from './errors.js';
import { failure } from './outcome.js';
import { describeIssues } from './result-schema.js';
import { AGENT_TYPES, type AgentConfig, type AgentOutcome, type AgentRequest } from './types.js';

export interface AgentRunner {
  /** Of agents that name no model. */
  readonly provider: ProviderName;
  /** Never rejects. */
  run(request: AgentRequest): Promise<AgentOutcome>;
  /** Ends the processes of the offline agents; what they were working on is aborted. */
  close(): Promise<void>;
}

/** Connects the providers once; throws a RangeError for a base URL that is none. */
export function createAgentRunner(given: Partial<LlmSettings> = {}): AgentRunner {
  const settings: LlmSettings = { ...OFFLINE_SETTINGS, ...given };
  const models = createModels(settings);
  const llm = createLlmAgents(models, settings);
  // Its processes start with the first request, so it costs nothing where a model is configured.
  const offline = createOfflineAgents();

  /** The models to try in order, each once. Throws an `AgentFailure`. */
  function chainOf(config: AgentConfig): ModelRef[] {
    const model = config.model ?? settings.model;
    const fallbacks = config.fallback_models ?? settings.fallbackModels;
    if (settings.provider === 'offline' && model === undefined)
      return [{ provider: 'offline', model: 'offline' }];
    if (model === undefined || model === '')
      throw new AgentFailure(
        agentError('provider_not_configured', "No model is configured: set LLM_MODEL or the step's model"),
      );
    const refs = [model, ...fallbacks].map((name) => models.resolve(name));
    const isFirst = (ref: ModelRef, at: number): boolean =>
      refs.findIndex((other) => other.provider === ref.provider && other.model === ref.model) === at;
    return refs.filter(isFirst);
  }

  /** Models up to the first offline one; where all of them fail for want of a service, the rules do the work. */
  async function work(request: AgentRequest, config: AgentConfig): Promise<AgentOutcome> {
    const timeoutMs = request.timeoutMs ?? settings.timeoutMs;
    const chain = chainOf(config);
    const end = chain.findIndex(({ provider }) => provider === 'offline');
    const asked = end === -1 ? chain : chain.slice(0, end);
    if (asked.length === 0) return offline.run(request, config, timeoutMs);
    const { outcome, isExhausted, session } = await llm.run(request, config, asked, timeoutMs);
    if (outcome.ok || !isExhausted || end === -1) return outcome;
    const instead = await offline.run(request, config, timeoutMs);
    const { usage } = outcome;
    if (!instead.ok) return { ...instead, usage };
    const fallbacks = session.fallbacks.map((fallback) => ({ ...fallback }));
    return { ok: true, usage, output: { ...instead.output, usage, fallbacks } };
  }

  return {
    provider: settings.provider,
    async run(request) {
      const { agentType, signal } = request;
      if (!AGENT_TYPES.some((known) => known === agentType)) {
        const known = AGENT_TYPES.join(', ');
        return failure(
          agentError('unknown_agent', `There is no agent type "${agentType}"; there are ${known}`),
        );
      }
      if (signal?.aborted) return failure(agentError('aborted', 'The agent was cancelled'));
      const checked = AGENT_CONFIGURATIONS[agentType].safeParse(request.config);
      if (!checked.success)
        return failure(agentError('configuration_invalid', describeIssues(checked.error)));
      try {
        return await work(request, checked.data);
      } catch (thrown) {
        if (thrown instanceof AgentFailure) return failure(thrown.error);
        throw thrown;
      }
    },
    close: () => offline.stop(),
  };
}
