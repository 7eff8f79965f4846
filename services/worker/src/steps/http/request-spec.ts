import {
  type HttpRequestConfiguration,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import type { HttpRequestSpec, QueryScalar } from '@millrace/outbound';
import { isExpected } from './status.js';

function isScalar(value: unknown): value is QueryScalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Scalars and lists of scalars are sent; anything deeper has no standard spelling in a query. */
function toQuery(query: JsonObject | undefined): HttpRequestSpec['query'] {
  if (query === undefined) return undefined;
  const entries = Object.entries(query).map(([name, value]): [string, QueryScalar | QueryScalar[]] => {
    if (isScalar(value)) return [name, value];
    if (Array.isArray(value) && value.every(isScalar)) return [name, value];
    return [name, JSON.stringify(value)];
  });
  return Object.fromEntries(entries);
}

/** Names of the headers whose value is not what the definition shows. */
function secretHeadersOf(shown: JsonObject, revealed: JsonObject): string[] {
  const { headers: before } = shown;
  const { headers: after } = revealed;
  if (!isJsonObject(before) || !isJsonObject(after)) return [];
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}

/**
 * The request that a configuration describes. `shown` is the configuration with placeholders in place of secrets,
 * `revealed` the same with their values.
 */
export function toRequestSpec(
  config: HttpRequestConfiguration,
  { shown, revealed }: { shown: JsonObject; revealed: JsonObject },
  { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
): HttpRequestSpec {
  const body: { body?: JsonValue } = config.body === undefined ? {} : { body: config.body };
  return {
    method: config.method,
    url: config.url,
    headers: config.headers,
    secretHeaders: secretHeadersOf(shown, revealed),
    query: toQuery(config.query),
    ...body,
    bodyType: config.body_type,
    authentication: config.authentication,
    redirects: config.redirects,
    responseType: config.response_type,
    expects: (status) => isExpected(status, config.expected_status),
    timeoutMs: config.timeout_seconds * 1_000,
    maxBytes: config.max_bytes,
    idempotencyKey: config.idempotency_key ?? idempotencyKey,
    signal,
  };
}
