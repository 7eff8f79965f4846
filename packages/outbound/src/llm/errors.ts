import { APICallError, LoadAPIKeyError, RetryError } from 'ai';
import { agentError, type AgentErrorCode } from '../agents/errors.js';
import type { AgentError } from '../agents/types.js';

/** Services like to quote the key they refuse. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const exact = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  return exact.replace(/\bsk-[\w*.-]{4,}/g, '[redacted]').replace(/\bBearer\s+\S+/gi, 'Bearer [redacted]');
}

/** What services say in a 400 or 404 that means more than the status. First match wins. */
const MEANINGS: readonly (readonly [RegExp, AgentErrorCode])[] = [
  [
    /context[ _-]?(?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens|input is too long/i,
    'provider_context_length',
  ],
  [/content[ _-]?(?:filter|policy|management)|safety system|flagged/i, 'provider_content_filter'],
  [
    /model[ _-]?not[ _-]?found|model\W+(?:\S+\W+){0,6}?(?:not found|does not exist|not exist|not supported|unknown|is not available)|(?:unknown|invalid|no such) model|try pulling it/i,
    'provider_model_unknown',
  ],
];

function codeFor(status: number, words: string): AgentErrorCode {
  if (status === 401 || status === 403) return 'provider_unauthorized';
  if (status === 402 || (status < 500 && /insufficient_quota|billing|credit balance/i.test(words)))
    return 'provider_quota_exceeded';
  if (status === 429) return 'provider_rate_limited';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 413) return 'provider_context_length';
  if (status === 404 && /^model: /.test(words)) return 'provider_model_unknown';
  if (status >= 400 && status < 500)
    return MEANINGS.find(([pattern]) => pattern.test(words))?.[1] ?? 'provider_rejected';
  // A 2xx that is no valid answer comes from a proxy or a server that is starting.
  return 'provider_unavailable';
}

const HINTS: Partial<Record<AgentErrorCode, string>> = {
  provider_unauthorized: 'check the key in the configuration',
  provider_context_length: 'the input is too long for the model; give the step a smaller input',
  provider_model_unknown: 'check the name of the model',
  provider_quota_exceeded: 'the account has no credit left',
};

/** Normalises what the SDK throws; an abort must be told apart before, by the signals. */
export function toAgentError(thrown: unknown, secrets: readonly string[]): AgentError {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  const full = withoutSecrets(error instanceof Error ? error.message : String(error), secrets);
  const message = full.slice(0, 500);
  if (error instanceof RangeError)
    return agentError('agent_output_invalid', 'The answer of the model is nested too deeply to be read');
  if (LoadAPIKeyError.isInstance(error)) return agentError('provider_unauthorized', `No key: ${message}`);
  if (!APICallError.isInstance(error))
    return agentError('provider_unavailable', `The model service failed: ${message}`);
  const { statusCode: status, responseHeaders, responseBody } = error;
  if (status === undefined)
    return agentError('provider_unavailable', `The model service cannot be reached: ${message}`);
  const code = codeFor(status, `${full} ${(responseBody ?? '').slice(0, 4_000)}`);
  const hint = HINTS[code] === undefined ? '' : ` (${HINTS[code]})`;
  const retryAfter = Number(responseHeaders?.['retry-after']);
  const details =
    Number.isFinite(retryAfter) && retryAfter > 0 ? { retry_after_seconds: retryAfter } : undefined;
  return agentError(code, `The model service answered ${String(status)}: ${message}${hint}`, details);
}

/** Whether a refusal is about the response format, which many compatible servers do not know. */
export function refusesResponseFormat(thrown: unknown): boolean {
  if (!APICallError.isInstance(thrown) || thrown.statusCode === undefined) return false;
  const refused = thrown.statusCode === 400 || thrown.statusCode === 422 || thrown.statusCode === 501;
  return (
    refused &&
    /response_format|json_schema|output_(?:format|config)|structured output|schema/i.test(
      `${thrown.message} ${thrown.responseBody ?? ''}`,
    )
  );
}

/** Failures that another model may not have. */
const OTHERS_MAY: ReadonlySet<string> = new Set<AgentErrorCode>([
  'provider_unavailable',
  'provider_rate_limited',
  'provider_quota_exceeded',
  'provider_context_length',
  'provider_model_unknown',
  'timeout',
]);

export function mayFallBack({ code }: AgentError): boolean {
  return OTHERS_MAY.has(code);
}
