import { API_ERRORS, type ApiErrorCode, type ErrorItem } from '@millrace/contracts';

export interface ApiErrorOptions {
  /** What is wrong where, for the caller's eyes. */
  errors?: readonly ErrorItem[];
  /** Sent along, as `Retry-After`. */
  headers?: Readonly<Record<string, string>>;
  /** For the log only. */
  cause?: unknown;
}

/** An answer the API gives on purpose. `detail` is a sentence the caller can act on: it is sent as it is. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errors: readonly ErrorItem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ApiErrorCode,
    readonly detail: string,
    { errors, headers = {}, cause }: ApiErrorOptions = {},
  ) {
    super(detail, cause === undefined ? {} : { cause });
    this.status = API_ERRORS[code].status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** `notFound('Workflow', id)`: 404, `Workflow {id} not found`. */
export function notFound(what: string, id: string): ApiError {
  return new ApiError('not_found', `${what} ${id} not found`);
}

/** 401. The challenge header is added to every 401. */
export function unauthenticated(detail = 'Not authenticated'): ApiError {
  return new ApiError('unauthenticated', detail);
}

/** 403 for a right that the user lacks on this very thing. */
export function forbidden(detail: string): ApiError {
  return new ApiError('forbidden', detail);
}

/** 403 for a scope the user does not hold. */
export function insufficientScope(scope: string): ApiError {
  return new ApiError('insufficient_scope', `Operation requires '${scope}' scope`);
}

export function conflict(detail: string): ApiError {
  return new ApiError('conflict', detail);
}

/** 412 for an `If-Match` that names an older revision. */
export function staleRevision(detail: string): ApiError {
  return new ApiError('stale_revision', detail);
}

export function badRequest(detail: string): ApiError {
  return new ApiError('bad_request', detail);
}

/** 400 for a graph that cannot run, with every problem of it. */
export function invalidStructure(errors: readonly ErrorItem[]): ApiError {
  const words = errors.map(({ msg }) => msg).join('; ');
  return new ApiError('invalid_structure', `Invalid workflow structure: ${words}`, { errors });
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  const allow = allowed.join(', ');
  return new ApiError('method_not_allowed', `${method} is not possible here, only ${allow}`, {
    headers: { Allow: allow },
  });
}

/** 429. `retryAfterSeconds` is rounded up. */
export function rateLimited(detail: string, retryAfterSeconds: number): ApiError {
  return new ApiError('rate_limited', detail, { headers: retryAfter(retryAfterSeconds) });
}

/** 503: something of ours is away and will be back. */
export function unavailable(detail: string, cause?: unknown, retryAfterSeconds = 2): ApiError {
  return new ApiError('unavailable', detail, { headers: retryAfter(retryAfterSeconds), cause });
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}
