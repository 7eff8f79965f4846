import { httpRequestConfiguration, isJsonObject, type JsonObject } from '@millrace/contracts';
import type { GuardedHttp, HttpRequestSpec, HttpResponse, QueryScalar } from '@millrace/outbound';
import { type StepImplementation, type StepOutcome, stepFailed } from './types.js';

/** Statuses that may be different next time: timeouts, conflicts of timing, throttling and the server's own trouble. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

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

function toOutcome({ status, headers, body, url }: HttpResponse): StepOutcome {
  if (status < 400) return { ok: true, output: { status, headers, body, url } };
  const hint =
    isJsonObject(body) && typeof body['detail'] === 'string' ? `: ${body['detail'].slice(0, 500)}` : '';
  return stepFailed({
    code: 'http_status',
    message: `The server answered ${String(status)}${hint}`,
    fault: status >= 500 ? 'remote' : 'workflow',
    retryable: RETRYABLE_STATUS.has(status),
  });
}

export function createHttpRequestStep(http: GuardedHttp): StepImplementation {
  return {
    async run({ config, idempotencyKey, signal, log }) {
      const parsed = httpRequestConfiguration.safeParse(config);
      if (!parsed.success) {
        const message = parsed.error.issues
          .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
          .join('; ');
        return stepFailed({ code: 'configuration_invalid', message, fault: 'workflow', retryable: false });
      }
      const { method, url, headers, query, body, timeout_seconds, max_bytes } = parsed.data;
      const outcome = await http.request({
        method,
        url,
        headers,
        query: toQuery(query),
        body,
        timeoutMs: timeout_seconds * 1_000,
        maxBytes: max_bytes,
        idempotencyKey,
        signal,
      });
      if (!outcome.ok) return stepFailed(outcome.error);
      const { status, url: answeredBy } = outcome.response;
      // The log has the answer of those that succeed as their output.
      if (status >= 400) log('warn', `${method} ${answeredBy} answered ${String(status)}`);
      return toOutcome(outcome.response);
    },
  };
}
