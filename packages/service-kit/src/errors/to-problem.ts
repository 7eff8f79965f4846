import { API_ERRORS, type Problem } from '@millrace/contracts';
import { MessagingUnavailableError } from '@millrace/messaging';
import * as z from 'zod';
import { ApiError, unavailable } from './api-error.js';
import { isDatabaseUnavailable, isUnstorableText } from './postgres.js';
import { validationFailed } from './validation.js';

export interface ProblemAnswer {
  readonly status: number;
  readonly body: Problem;
  /** `Content-Type` included. */
  readonly headers: Readonly<Record<string, string>>;
  /** Nobody foresaw it: log the error with its stack. */
  readonly unexpected: boolean;
}

/**
 * The one place where anything thrown becomes an HTTP answer (RFC 9457). What is not known by its kind answers 500 with
 * a neutral sentence: no stack, SQL or secret can leak, as no word of such an error is sent.
 */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known = normalize(error);
  const answer =
    known ??
    new ApiError(
      'internal',
      'Something went wrong on our side. Try again; if it stays, report the request_id.',
    );
  const { title, status } = API_ERRORS[answer.code];
  return {
    status,
    body: {
      type: `/errors/${answer.code}`,
      title,
      status,
      detail: answer.detail,
      ...(answer.errors && { errors: [...answer.errors] }),
      request_id: requestId,
    },
    headers: {
      'Content-Type': 'application/problem+json',
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
      ...answer.headers,
    },
    unexpected: known === undefined || known.code === 'internal',
  };
}

/** Any thrown thing as the ApiError it amounts to, or undefined. */
function normalize(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof z.core.$ZodError) return validationFailed('body', error);
  if (error instanceof MessagingUnavailableError) {
    return unavailable('The queue cannot be reached at the moment. Try again shortly.', error);
  }
  return fromHttpError(error) ?? fromDatabase(error);
}

function fromDatabase(error: unknown): ApiError | undefined {
  if (isUnstorableText(error)) {
    const detail = 'The request holds a character that cannot be stored (U+0000 or half of a surrogate pair)';
    return new ApiError('validation_failed', detail, { cause: error });
  }
  if (!isDatabaseUnavailable(error)) return undefined;
  return unavailable('The database cannot be reached at the moment. Try again shortly.', error);
}

/** What body-parser and express throw: errors of http-errors, told apart by `type`. */
function fromHttpError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const type: unknown = Reflect.get(error, 'type');
  switch (type) {
    case 'entity.parse.failed':
      return new ApiError('malformed_json', 'The body is not valid JSON', { cause: error });
    case 'entity.too.large':
    case 'parameters.too.many':
      return tooLarge(error);
    case 'charset.unsupported':
      return new ApiError('unsupported_media_type', 'The body has to be encoded as UTF-8', { cause: error });
    case 'encoding.unsupported':
      return new ApiError('unsupported_media_type', 'The Content-Encoding of the body is not supported', {
        cause: error,
      });
    case 'request.aborted':
    case 'request.size.invalid':
      return new ApiError('bad_request', 'The body ended before it was complete', { cause: error });
    default:
      return fromStatus(error.status, error);
  }
}

function fromStatus(status: number, cause: Error): ApiError | undefined {
  if (status === 413) return tooLarge(cause);
  if (status === 415)
    return new ApiError('unsupported_media_type', 'The Content-Type is not supported', { cause });
  // For example a path with a broken percent sign. Its words may come from anywhere, so they are not repeated.
  if (status >= 400 && status < 500)
    return new ApiError('bad_request', 'The request cannot be understood', { cause });
  return undefined;
}

function tooLarge(cause: Error): ApiError {
  const limit: unknown = Reflect.get(cause, 'limit');
  const words = typeof limit === 'number' ? `larger than the ${limit} bytes allowed here` : 'too large';
  return new ApiError('body_too_large', `The body is ${words}`, { cause });
}
