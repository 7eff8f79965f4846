import { problem, type ErrorItem, type Problem } from '@millrace/contracts';

/** The server understood the request and refused it: RFC 9457 problem details as an exception. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  /** Last segment of the problem's `type`, e.g. `validation_failed`; `http_<status>` when a proxy answered. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ErrorItem[];
  readonly requestId: string | undefined;
  /** Seconds the server asks to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(
    fields: Omit<Problem, 'request_id'> & {
      request_id?: string | undefined;
      retryAfter?: number | undefined;
    },
  ) {
    super(fields.detail);
    this.status = fields.status;
    this.code = fields.type.split('/').at(-1) || `http_${fields.status}`;
    this.title = fields.title;
    this.detail = fields.detail;
    this.errors = fields.errors ?? [];
    this.requestId = fields.request_id;
    this.retryAfter = fields.retryAfter;
  }
}

/** No answer came: refused, reset, unresolved, or late. Whether the server acted on the request is unknown. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly url: string;
  /** `timeout` when our own deadline passed, `connection` for everything below HTTP. */
  readonly reason: 'timeout' | 'connection';

  constructor(reason: 'timeout' | 'connection', url: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.url = url;
  }
}

/** The answer is not what the contract says: not JSON, or (with `validate`) not of its schema. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The server closed a stream for good: rights were lost (4403), or no new token could be had (4401). */
export class StreamRefused extends Error {
  override readonly name = 'StreamRefused';
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

/** Makes the exception for an unsuccessful answer. A body that is no problem document (a proxy's page) is not quoted. */
export function problemOf(status: number, headers: Pick<Headers, 'get'>, text: string): ApiProblem {
  const retryAfter = parseRetryAfter(headers.get('retry-after'), Date.now());
  const parsed = problem.safeParse(parseJson(text));
  if (parsed.success) return new ApiProblem({ ...parsed.data, status, retryAfter });
  return new ApiProblem({
    type: `http_${status}`,
    title: `HTTP ${status}`,
    status,
    detail: `The server answered ${status} without an explanation`,
    request_id: headers.get('x-request-id') ?? undefined,
    retryAfter,
  });
}

/** `Retry-After` in seconds from now: a number, or an HTTP date (a past one is 0). Nonsense is undefined. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - nowMs) / 1000);
}

/** undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
