import { APICallError, RetryError } from 'ai';
import type { AgentError, AgentErrorCode } from '../agents/types.js';
import type { Fault } from '../outcome.js';

const NATURE: Readonly<Record<AgentErrorCode, { retryable: boolean; fault: Fault }>> = {
  unknown_agent: { retryable: false, fault: 'workflow' },
  input_invalid: { retryable: false, fault: 'workflow' },
  dependency_cycle: { retryable: false, fault: 'workflow' },
  output_invalid: { retryable: true, fault: 'remote' },
  provider_unauthorized: { retryable: false, fault: 'platform' },
  provider_rejected: { retryable: false, fault: 'workflow' },
  provider_rate_limited: { retryable: true, fault: 'remote' },
  provider_unavailable: { retryable: true, fault: 'remote' },
  timeout: { retryable: true, fault: 'remote' },
  aborted: { retryable: false, fault: 'workflow' },
  internal: { retryable: false, fault: 'platform' },
};

export function agentError(code: AgentErrorCode, message: string): AgentError {
  return { code, message, ...NATURE[code] };
}

/** Services like to quote the key they refuse. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const exact = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  return exact.replace(/\bsk-[\w*.-]{4,}/g, '[redacted]').replace(/\bBearer\s+\S+/gi, 'Bearer [redacted]');
}

function codeForStatus(status: number): AgentErrorCode {
  if (status === 401 || status === 403) return 'provider_unauthorized';
  if (status === 429) return 'provider_rate_limited';
  if (status === 408 || status === 504) return 'timeout';
  // A 2xx that is no valid answer comes from a proxy or a server that is starting.
  return status >= 500 || status < 400 ? 'provider_unavailable' : 'provider_rejected';
}

/** Normalises what the SDK throws; an abort must be told apart before, by the signals. */
export function toAgentError(thrown: unknown, secrets: readonly string[]): AgentError {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  const message = withoutSecrets(error instanceof Error ? error.message : String(error), secrets).slice(
    0,
    500,
  );
  if (!APICallError.isInstance(error))
    return agentError('provider_unavailable', `The model service failed: ${message}`);
  if (error.statusCode === undefined)
    return agentError('provider_unavailable', `The model service cannot be reached: ${message}`);
  return agentError(
    codeForStatus(error.statusCode),
    `The model service answered ${String(error.statusCode)}: ${message}`,
  );
}

/** Whether a refusal is about the response format, which many compatible servers do not know. */
export function refusesResponseFormat(thrown: unknown): boolean {
  if (!APICallError.isInstance(thrown) || thrown.statusCode === undefined) return false;
  const refused = thrown.statusCode === 400 || thrown.statusCode === 422 || thrown.statusCode === 501;
  return (
    refused &&
    /response_format|json_schema|structured output|schema/i.test(
      `${thrown.message} ${thrown.responseBody ?? ''}`,
    )
  );
}
