import type { BodyContract } from '@millrace/contracts';
import { ApiError } from '@millrace/service-kit';
import express, { type NextFunction, type Request, type RequestHandler } from 'express';
import { assertPlainJson } from './json-limits.js';

export const BODY_LIMIT_BYTES = { large: 4 * 1024 * 1024, standard: 1024 * 1024 } as const;

/**
 * Reads a body as its contract says. Runs after the caller is known to hold the scope: nobody else's bytes are parsed.
 * A body of another type is 415; no body at all is left undefined, for the schema to judge.
 */
export function bodyReader(contract: BodyContract): RequestHandler {
  const limit = BODY_LIMIT_BYTES[contract.limit];
  // Any type: `refuseOtherTypes` has looked at it, more strictly than the parsers would.
  const options = { limit, type: () => true };
  const parse =
    contract.encoding === 'json'
      ? express.json({ ...options, strict: false })
      : express.urlencoded({ ...options, extended: false, parameterLimit: 100 });
  return (request, response, next) => {
    if (!hasBody(request)) {
      next();
      return;
    }
    if (!isOfType(request, contract.encoding)) {
      next(otherType(request, contract.encoding));
      return;
    }
    parse(request, response, (error?: unknown) => {
      finish(error, request, next);
    });
  };
}

function finish(error: unknown, request: Request, next: NextFunction): void {
  if (error !== undefined) {
    next(error);
    return;
  }
  try {
    assertPlainJson(request.body);
    next();
  } catch (refusal) {
    next(refusal);
  }
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
}

function isOfType(request: Request, encoding: BodyContract['encoding']): boolean {
  const types =
    encoding === 'json' ? ['application/json', 'application/*+json'] : ['application/x-www-form-urlencoded'];
  return request.is(types) !== false;
}

function otherType(request: Request, encoding: BodyContract['encoding']): ApiError {
  const wanted = encoding === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const given = request.get('content-type') === undefined ? 'none was given' : 'another one was given';
  return new ApiError('unsupported_media_type', `The Content-Type must be ${wanted}; ${given}`);
}

/** What a reader leaves behind when there was no body. */
export function bodyOf(request: Request, contract: BodyContract): unknown {
  const body: unknown = request.body;
  return body === undefined && contract.optional === true ? {} : body;
}
