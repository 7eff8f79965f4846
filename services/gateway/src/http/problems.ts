import { API_ERRORS } from '@millrace/contracts';
import { InvalidCursorError, TakesTooLongError, UnstorableTextError } from '@millrace/persistence';
import { ApiError, invalidRequest, type Logger, toProblem } from '@millrace/service-kit';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { factsOf } from './locals.js';

/** 404 for an address nobody serves. */
export function unknownAddress(): RequestHandler {
  return () => {
    throw new ApiError(
      'not_found',
      'There is nothing at this address; GET /openapi.json lists what there is',
    );
  };
}

/** The one place where anything thrown becomes an answer. */
export function problemAnswers(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { requestId } = factsOf(response);
    const problem = toProblem(ofTheCaller(error), requestId);
    if (problem.unexpected) log.error({ request_id: requestId, error }, 'request failed unexpectedly');
    else if (problem.status >= API_ERRORS.internal.status) {
      log.warn({ request_id: requestId, error }, 'request could not be served');
    }
    // Half an answer is out already (a stream): breaking the connection is the only honest end.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(problem.status).set(problem.headers);
    response.end(JSON.stringify(problem.body));
  };
}

/** What the database refuses because of what the caller sent, in the words of a validation. */
function ofTheCaller(error: unknown): unknown {
  if (error instanceof InvalidCursorError) {
    return invalidRequest([{ loc: ['query', 'cursor'], msg: error.message, type: 'invalid_cursor' }]);
  }
  if (error instanceof TakesTooLongError) return new ApiError('bad_request', error.message);
  if (error instanceof UnstorableTextError) {
    return invalidRequest([{ loc: ['body', error.field], msg: error.message, type: 'unstorable_text' }]);
  }
  return error;
}
