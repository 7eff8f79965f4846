import type { Prices } from '../agents/ledger.js';

export const PROVIDERS = ['openai-compatible', 'anthropic', 'ollama', 'offline'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** A service the operator trusts; it may be on this machine, so it is not SSRF-guarded. No author can name a URL. */
export interface ProviderSettings {
  /** With its version path, such as `http://localhost:11434/v1`; `/v1` is added to a URL without a path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
}

export interface LlmSettings {
  /** Of models that are named without a provider. */
  readonly provider: ProviderName;
  /** Of steps that name none: `model` or `provider/model`. */
  readonly model?: string | undefined;
  readonly providers: Partial<Record<Exclude<ProviderName, 'offline'>, ProviderSettings | undefined>>;
  /** Of steps that name none. */
  readonly fallbackModels: readonly string[];
  readonly prices: Prices;
  /** For each call of a model. */
  readonly timeoutMs: number;
}

export const OFFLINE_SETTINGS: LlmSettings = {
  provider: 'offline',
  providers: {},
  fallbackModels: [],
  prices: {},
  timeoutMs: 120_000,
};
