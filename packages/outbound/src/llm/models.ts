import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { fail } from '../agents/errors.js';
import { type LlmSettings, PROVIDERS, type ProviderName, type ProviderSettings } from './settings.js';

export interface ModelRef {
  readonly provider: ProviderName;
  readonly model: string;
}

/** What makes the language models of one service. `strict` asks for the schema in the service's own way. */
type Connection = (model: string, strict: boolean) => LanguageModel;

/** Where each provider gets its settings from, for whoever has to add one. */
const SETTING = {
  'openai-compatible': 'LLM_BASE_URL',
  anthropic: 'ANTHROPIC_API_KEY',
  ollama: 'OLLAMA_BASE_URL',
} as const;

function baseUrlOf({ baseUrl }: ProviderSettings, variable: string): string {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw new RangeError(`${variable} is not an http(s) URL`);
  const trimmed = baseUrl.replace(/\/+$/, '');
  return new URL(baseUrl).pathname === '/' ? `${trimmed}/v1` : trimmed;
}

function openAiCompatible(name: string, settings: ProviderSettings, variable: string): Connection {
  const { apiKey } = settings;
  const connect = (supportsStructuredOutputs: boolean) =>
    createOpenAICompatible({
      name,
      baseURL: baseUrlOf(settings, variable),
      includeUsage: true,
      supportsStructuredOutputs,
      ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
    });
  const strictly = connect(true);
  const loosely = connect(false);
  return (model, strict) => (strict ? strictly : loosely).chatModel(model);
}

function anthropic(settings: ProviderSettings): Connection {
  const provider = createAnthropic({
    baseURL: baseUrlOf(settings, 'ANTHROPIC_BASE_URL'),
    apiKey: settings.apiKey ?? '',
  });
  return (model) => provider(model);
}

export interface Models {
  readonly secrets: readonly string[];
  /** Reads `model` or `provider/model`. Throws an `AgentFailure` for a provider that is not configured. */
  resolve(name: string): ModelRef;
  connect(ref: ModelRef, strict: boolean): LanguageModel;
}

function isProvider(name: string): name is ProviderName {
  return PROVIDERS.some((known) => known === name);
}

/** Throws a RangeError where a base URL is none. */
export function createModels({ provider: byDefault, providers }: LlmSettings): Models {
  // The SDK prints its warnings to the console of the process; a library must not.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const { 'openai-compatible': compatible, anthropic: claude, ollama } = providers;
  const connections: Partial<Record<ProviderName, Connection>> = {
    ...(compatible && {
      'openai-compatible': openAiCompatible('openai-compatible', compatible, 'LLM_BASE_URL'),
    }),
    ...(claude && { anthropic: anthropic(claude) }),
    ...(ollama && { ollama: openAiCompatible('ollama', ollama, 'OLLAMA_BASE_URL') }),
  };

  /** Routers name models like `anthropic/claude-…` themselves: such a name is theirs where that provider is not ours. */
  function refOf(name: string): ModelRef {
    const slash = name.indexOf('/');
    const prefix = slash === -1 ? name : name.slice(0, slash);
    if (prefix === 'offline') return { provider: 'offline', model: 'offline' };
    if (slash > 0 && slash < name.length - 1 && isProvider(prefix)) {
      const isRouted = prefix === 'anthropic' && byDefault === 'openai-compatible' && !claude;
      if (!isRouted) return { provider: prefix, model: name.slice(slash + 1) };
    }
    return { provider: byDefault, model: byDefault === 'offline' ? 'offline' : name };
  }

  return {
    secrets: [compatible, claude, ollama].flatMap((settings) => settings?.apiKey ?? []),
    resolve(name) {
      const ref = refOf(name);
      if (ref.provider === 'offline' || connections[ref.provider] !== undefined) return ref;
      return fail(
        'provider_not_configured',
        `The model "${name.slice(0, 200)}" wants the provider ${ref.provider}, which is not configured: set ${SETTING[ref.provider]}`,
      );
    },
    connect({ provider, model }, strict) {
      const connection = connections[provider];
      if (connection === undefined)
        return fail('provider_not_configured', `There is no provider ${provider}`);
      return connection(model, strict);
    },
  };
}
