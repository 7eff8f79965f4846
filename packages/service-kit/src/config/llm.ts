/** The models that agents ask: several providers at once, their keys from the environment alone. */
import * as z from 'zod';
import { list, optional, url, wholeNumber, withDefault } from './variable.js';

const PROVIDERS = ['offline', 'openai-compatible', 'anthropic', 'ollama'] as const;

const price = z.strictObject({ input: z.number().min(0), output: z.number().min(0) });

export const llmVariables = z.object({
  LLM_BASE_URL: optional(url(['http:', 'https:'], 'https://api.openai.com/v1'), {
    meaning:
      'OpenAI-compatible endpoint for agents. Without it they work with the rule-based `offline` provider.',
  }),
  LLM_API_KEY: optional(z.string(), { meaning: 'Key for `LLM_BASE_URL`, where it wants one.', secret: true }),
  LLM_MODEL: optional(z.string().max(200), {
    meaning:
      'Model for agents that name none, as `model` or `provider/model`. Needed where agents do not work offline.',
  }),
  LLM_PROVIDER: optional(z.enum(PROVIDERS, `must be one of ${PROVIDERS.join(', ')}`), {
    meaning:
      'Provider of models named without one: `openai-compatible` (with `LLM_BASE_URL`), `anthropic`, `ollama` or `offline`.',
  }),
  LLM_FALLBACK_MODELS: withDefault(list(), {
    default: '',
    meaning:
      'Comma-separated models that are tried in order where the model of an agent fails; may end with `offline`.',
  }),
  LLM_PRICES: optional(prices(), {
    meaning:
      'Prices in US dollars for a million tokens, as `{"model": {"input": 2.5, "output": 10}}`; also by `provider/model`.',
  }),
  LLM_TIMEOUT_SECONDS: withDefault(wholeNumber(1, 3_600), {
    default: '120',
    meaning: 'Time for each call of a model, and for the work of the `offline` provider.',
  }),
  ANTHROPIC_API_KEY: optional(z.string(), {
    meaning: 'Makes the provider `anthropic` available: `LLM_PROVIDER`, or `anthropic/…` as a model.',
    secret: true,
  }),
  ANTHROPIC_BASE_URL: withDefault(url(['http:', 'https:'], 'https://api.anthropic.com/v1'), {
    default: 'https://api.anthropic.com/v1',
    meaning: 'Endpoint of the provider `anthropic`.',
  }),
  OLLAMA_BASE_URL: optional(url(['http:', 'https:'], 'http://localhost:11434/v1'), {
    meaning: 'Makes the provider `ollama` available at this endpoint, as `http://localhost:11434/v1`.',
  }),
});

type LlmEnv = z.output<typeof llmVariables>;

function providerOf(env: LlmEnv): (typeof PROVIDERS)[number] {
  return env.LLM_PROVIDER ?? (env.LLM_BASE_URL === undefined ? 'offline' : 'openai-compatible');
}

/** Half a provider is refused, for its agents would silently work offline. */
function checkComplete(env: LlmEnv, context: z.core.$RefinementCtx): void {
  const missing = (variable: string, reason: string): void => {
    context.addIssue({ code: 'custom', path: [variable], message: `is missing while ${reason}` });
  };
  const provider = providerOf(env);
  if (env.LLM_BASE_URL === undefined) {
    const isModelAlone = env.LLM_MODEL !== undefined && env.LLM_PROVIDER === undefined;
    if (env.LLM_API_KEY !== undefined || isModelAlone)
      missing('LLM_BASE_URL', 'LLM_API_KEY or LLM_MODEL is set');
    else if (provider === 'openai-compatible') missing('LLM_BASE_URL', `LLM_PROVIDER is ${provider}`);
  }
  if (provider === 'anthropic' && env.ANTHROPIC_API_KEY === undefined)
    missing('ANTHROPIC_API_KEY', `LLM_PROVIDER is ${provider}`);
  if (provider === 'ollama' && env.OLLAMA_BASE_URL === undefined)
    missing('OLLAMA_BASE_URL', `LLM_PROVIDER is ${provider}`);
  if (provider !== 'offline' && env.LLM_MODEL === undefined) {
    const reason = env.LLM_PROVIDER === undefined ? 'LLM_BASE_URL is set' : `LLM_PROVIDER is ${provider}`;
    missing('LLM_MODEL', reason);
  }
}

/** `provider` is that of models which are named without one. */
export const llmConfig = llmVariables.superRefine(checkComplete).transform((env) => ({
  provider: providerOf(env),
  model: env.LLM_MODEL,
  providers: {
    ...(env.LLM_BASE_URL !== undefined && {
      'openai-compatible': { baseUrl: env.LLM_BASE_URL, apiKey: env.LLM_API_KEY },
    }),
    ...(env.ANTHROPIC_API_KEY !== undefined && {
      anthropic: { baseUrl: env.ANTHROPIC_BASE_URL, apiKey: env.ANTHROPIC_API_KEY },
    }),
    ...(env.OLLAMA_BASE_URL !== undefined && { ollama: { baseUrl: env.OLLAMA_BASE_URL } }),
  },
  fallbackModels: env.LLM_FALLBACK_MODELS,
  prices: env.LLM_PRICES ?? {},
  timeoutMs: env.LLM_TIMEOUT_SECONDS * 1_000,
}));

function prices(): z.ZodType<Record<string, z.output<typeof price>>, string> {
  const words = 'must be JSON such as {"gpt-5": {"input": 1.25, "output": 10}}';
  const table = z.record(z.string(), price);
  return z.string().transform((text, context) => {
    const parsed = table.safeParse(parse(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: words });
    return z.NEVER;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
