import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel, ModelMessage } from 'ai';
import { AGENT_OUTPUTS, type AgentResults } from '../agents/outputs.js';
import type { AgentError, AgentRequest, AgentType, AgentUsage } from '../agents/types.js';
import { callModel, type Answer } from './call.js';
import { agentError, refusesResponseFormat, toAgentError } from './errors.js';
import { parseAnswer } from './parse.js';
import { repairPrompt, systemPrompt, userPrompt } from './prompts.js';

/** A chat-completions service the operator trusts; it may be on this machine, so it is not SSRF-guarded. */
export interface LlmConfig {
  /** With its version path, such as `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** Used where a step names none. */
  readonly model?: string | undefined;
}

export type LlmOutcome =
  | {
      readonly ok: true;
      readonly result: AgentResults[AgentType];
      readonly model: string;
      readonly usage: AgentUsage | null;
    }
  | { readonly ok: false; readonly error: AgentError };

export interface LlmProvider {
  run(request: AgentRequest, signal: AbortSignal): Promise<LlmOutcome>;
}

function add(a: AgentUsage | null, b: AgentUsage | null): AgentUsage | null {
  if (!a || !b) return a ?? b;
  return { input_tokens: a.input_tokens + b.input_tokens, output_tokens: a.output_tokens + b.output_tokens };
}

/** Throws a RangeError when the base URL is not an http(s) URL. */
export function createLlmProvider(config: LlmConfig): LlmProvider {
  if (!URL.canParse(config.baseUrl) || !/^https?:$/.test(new URL(config.baseUrl).protocol)) {
    throw new RangeError('LLM_BASE_URL is not an http(s) URL');
  }
  // The SDK prints its warnings to the console of the process; a library must not.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const apiKey = config.apiKey === undefined || config.apiKey === '' ? undefined : config.apiKey;
  const secrets = apiKey === undefined ? [] : [apiKey];
  const connect = (supportsStructuredOutputs: boolean) =>
    createOpenAICompatible({
      name: 'millrace',
      baseURL: config.baseUrl.replace(/\/+$/, ''),
      includeUsage: true,
      supportsStructuredOutputs,
      ...(apiKey === undefined ? {} : { apiKey }),
    });
  const strict = connect(true);
  const loose = connect(false);
  // Learnt from the first refusal, so that only one call in the life of the process is spent on it.
  let knowsSchemas = true;

  async function ask(
    request: AgentRequest,
    modelId: string,
    messages: ModelMessage[],
    signal: AbortSignal,
  ): Promise<Answer> {
    const schema = AGENT_OUTPUTS[request.agentType];
    const attempt = (model: LanguageModel): Promise<Answer> =>
      callModel({ model, schema, request, system: systemPrompt(request), messages, signal });
    if (!knowsSchemas) return attempt(loose.chatModel(modelId));
    try {
      return await attempt(strict.chatModel(modelId));
    } catch (error) {
      if (!refusesResponseFormat(error)) throw error;
      const answer = await attempt(loose.chatModel(modelId));
      knowsSchemas = false;
      return answer;
    }
  }

  async function converse(request: AgentRequest, modelId: string, signal: AbortSignal): Promise<LlmOutcome> {
    const schema = AGENT_OUTPUTS[request.agentType];
    const first: ModelMessage[] = [{ role: 'user', content: userPrompt(request) }];
    const answer = await ask(request, modelId, first, signal);
    const parsed = parseAnswer<AgentResults[AgentType]>(answer.text, schema);
    if (parsed.ok) return { ok: true, result: parsed.value, model: modelId, usage: answer.usage };
    if (answer.cut)
      return {
        ok: false,
        error: agentError(
          'output_invalid',
          `The model ${modelId} reached its token limit before the end of its answer; raise max_tokens`,
        ),
      };
    const repair: ModelMessage[] = [
      ...first,
      { role: 'assistant', content: answer.text || '(nothing)' },
      { role: 'user', content: repairPrompt(parsed.problem) },
    ];
    const second = await ask(request, modelId, repair, signal);
    const usage = add(answer.usage, second.usage);
    const repaired = parseAnswer<AgentResults[AgentType]>(second.text, schema);
    if (repaired.ok) return { ok: true, result: repaired.value, model: modelId, usage };
    return {
      ok: false,
      error: agentError(
        'output_invalid',
        `The model ${modelId} gave no valid ${request.agentType} result in two attempts: ${repaired.problem}`.slice(
          0,
          1_000,
        ),
      ),
    };
  }

  return {
    async run(request, signal) {
      const modelId = request.config.model ?? config.model;
      if (modelId === undefined || modelId === '') {
        return {
          ok: false,
          error: {
            ...agentError('provider_rejected', "No model is configured: set LLM_MODEL or the step's model"),
            fault: 'platform',
          },
        };
      }
      try {
        return await converse(request, modelId, signal);
      } catch (error) {
        return { ok: false, error: toAgentError(error, secrets) };
      }
    },
  };
}
