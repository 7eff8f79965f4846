import type { JsonValue } from '@millrace/contracts';
import type { AgentConfig, AgentType } from '../agents/types.js';
import type { AgentResults } from '../agents/outputs.js';

/** What an offline agent sees. */
export interface Work {
  readonly config: AgentConfig;
  readonly input: JsonValue;
  readonly label: string;
}

/**
 * A pure function: no I/O, clock or randomness, so the same work always gives the same result. Throws an
 * `OutboundFailure` where the input contradicts itself; poor input gives a poor result with a note instead.
 */
export type OfflineAgent<Type extends AgentType> = (work: Work) => AgentResults[Type];

/** A positive integer of the configuration, or the default. */
export function positiveInteger(config: AgentConfig, key: string, fallback: number): number {
  const value = config[key];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : fallback;
}

/** A non-empty string of the configuration. */
export function configText(config: AgentConfig, key: string): string | undefined {
  const value = config[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
