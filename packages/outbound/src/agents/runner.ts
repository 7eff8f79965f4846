import { isJsonObject } from '@millrace/contracts';
import { parseJson } from '../json.js';
import { agentError } from '../llm/errors.js';
import { createLlmProvider, type LlmConfig, type LlmProvider } from '../llm/provider.js';
import { runOffline } from '../offline/provider.js';
import { OutboundFailure } from '../outcome.js';
import { AGENT_OUTPUTS, type AgentResults } from './outputs.js';
import {
  AGENT_TYPES,
  type AgentError,
  type AgentErrorCode,
  type AgentOutcome,
  type AgentRequest,
  type AgentType,
  type AgentUsage,
} from './types.js';

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
}

const OFFLINE_CODES: readonly AgentErrorCode[] = ['input_invalid', 'dependency_cycle'];

function failure(error: AgentError): AgentOutcome {
  return { ok: false, error };
}

/** Results hold nothing but JSON by their schemas; the round trip proves it and drops what is undefined. */
function success(
  result: AgentResults[AgentType],
  provider: AgentRunner['provider'],
  model: string | null,
  usage: AgentUsage | null,
): AgentOutcome {
  const json = parseJson(JSON.stringify(result));
  const fields = isJsonObject(json) ? json : {};
  return { ok: true, output: { ...fields, provider, model, usage: usage === null ? null : { ...usage } } };
}

function fromOffline(request: AgentRequest): AgentOutcome {
  const { agentType, config, input, label } = request;
  try {
    const result = runOffline(agentType, { config, input, label });
    const checked = AGENT_OUTPUTS[agentType].safeParse(result);
    if (checked.success) return success(checked.data, 'offline', null, null);
    const [issue] = checked.error.issues;
    return failure(
      agentError(
        'internal',
        `The offline ${agentType} agent gave a result of the wrong shape at ${issue?.path.map(String).join('.') ?? ''}`,
      ),
    );
  } catch (error) {
    const code =
      error instanceof OutboundFailure
        ? OFFLINE_CODES.find((known) => known === error.error.code)
        : undefined;
    if (error instanceof OutboundFailure && code) return failure(agentError(code, error.error.message));
    return failure(
      agentError(
        'internal',
        `The offline ${agentType} agent failed: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  }
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
      return llm
        ? fromModel(llm, request, request.timeoutMs ?? config.timeoutMs ?? 120_000)
        : fromOffline(request);
    },
  };
}
