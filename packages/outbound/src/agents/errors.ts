import type { JsonObject } from '@millrace/contracts';
import type { Fault } from '../outcome.js';
import type { AgentError, AgentUsage } from './types.js';

const NATURE = {
  unknown_agent: { retryable: false, fault: 'workflow' },
  configuration_invalid: { retryable: false, fault: 'workflow' },
  input_invalid: { retryable: false, fault: 'workflow' },
  dependency_cycle: { retryable: false, fault: 'workflow' },
  agent_output_invalid: { retryable: true, fault: 'remote' },
  budget_exceeded: { retryable: false, fault: 'workflow' },
  execution_budget_exceeded: { retryable: false, fault: 'workflow' },
  provider_not_configured: { retryable: false, fault: 'platform' },
  provider_unauthorized: { retryable: false, fault: 'platform' },
  provider_rejected: { retryable: false, fault: 'workflow' },
  provider_model_unknown: { retryable: false, fault: 'workflow' },
  provider_context_length: { retryable: false, fault: 'workflow' },
  provider_content_filter: { retryable: false, fault: 'remote' },
  provider_quota_exceeded: { retryable: false, fault: 'platform' },
  provider_rate_limited: { retryable: true, fault: 'remote' },
  provider_unavailable: { retryable: true, fault: 'remote' },
  timeout: { retryable: true, fault: 'remote' },
  aborted: { retryable: false, fault: 'workflow' },
  internal: { retryable: false, fault: 'platform' },
} as const satisfies Record<string, { retryable: boolean; fault: Fault }>;

export type AgentErrorCode = keyof typeof NATURE;

export function agentError(code: AgentErrorCode, message: string, details?: JsonObject): AgentError {
  return { code, message: message.slice(0, 2_000), ...NATURE[code], ...(details && { details }) };
}

/** Carries an error through the layers of a run; never leaves this package. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';

  constructor(readonly error: AgentError) {
    super(error.message);
  }
}

/** Throws an {@link AgentFailure}. */
export function fail(code: AgentErrorCode, message: string, details?: JsonObject): never {
  throw new AgentFailure(agentError(code, message, details));
}

export function usageDetails(usage: AgentUsage | null): JsonObject {
  return { used: usage === null ? null : { ...usage } };
}
