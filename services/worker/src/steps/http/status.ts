import {
  type ExecutionError,
  type HttpStatusPattern,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import type { HttpResponse } from '@millrace/outbound';
import type { StepSecrets } from '../types.js';

/** Statuses that may be different next time: timeouts, conflicts of timing, throttling and the server's own trouble. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Characters of the body that an error keeps. */
const MAX_EXTRACT = 2_000;
const MAX_HINT = 500;

export function isExpected(status: number, expected: readonly HttpStatusPattern[] | undefined): boolean {
  if (expected === undefined) return status < 400;
  const statusClass = `${String(Math.floor(status / 100))}xx`;
  return expected.some((pattern) => pattern === status || pattern === statusClass);
}

/** The failure of an answer whose status the step does not accept. */
export function statusError(
  { status, headers, body, url }: HttpResponse,
  expected: readonly HttpStatusPattern[] | undefined,
  secrets: StepSecrets,
): ExecutionError {
  // Hidden before anything is cut: half a secret would not be recognized any more.
  const shown = secrets.redact(body);
  const unexpected = status < 400 && expected !== undefined ? `; expected is ${expected.join(', ')}` : '';
  const retryAfter = retryAfterSeconds(headers['retry-after'], Date.now());
  return {
    code: 'http_status',
    message: `The server answered ${String(status)}${unexpected}${hintOf(shown)}`,
    fault: status >= 500 ? 'remote' : 'workflow',
    retryable: RETRYABLE_STATUS.has(status),
    details: {
      status,
      url: secrets.redact(url).slice(0, MAX_EXTRACT),
      ...extractOf(shown),
      ...(retryAfter !== undefined && { retry_after_seconds: retryAfter }),
    },
  };
}

/** The words of an error body, in the places where services put them. */
function hintOf(body: JsonValue): string {
  if (!isJsonObject(body)) return '';
  const { error } = body;
  const nested = isJsonObject(error) ? error['message'] : error;
  const words = [body['detail'], body['message'], nested, body['error_description'], body['title']];
  const hint = words.find((word) => typeof word === 'string' && word !== '');
  return typeof hint === 'string' ? `: ${hint.slice(0, MAX_HINT)}` : '';
}

function extractOf(body: JsonValue): JsonObject {
  if (body === null || body === '') return {};
  if (isJsonObject(body) && body['$binary'] !== undefined) return {};
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { body: text.length > MAX_EXTRACT ? `${text.slice(0, MAX_EXTRACT)}…` : text };
}

/** `Retry-After` is a number of seconds or a date. Undefined when there is none that can be read. */
export function retryAfterSeconds(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const date = /^[A-Za-z]{3}/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
