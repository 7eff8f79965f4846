import { errorItems, type ErrorItem } from '@millrace/contracts';
import type * as z from 'zod';
import { ApiError } from './api-error.js';

/** Where in the request a value stood; first segment of every `loc`. */
export type RequestPart = 'body' | 'query' | 'path' | 'header';

const MAX_ITEMS = 100;

/** Checks a part of a request and answers with its typed form, or throws the 422 that names every wrong value. */
export function parseRequest<T extends z.ZodType>(part: RequestPart, schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationFailed(part, result.error);
}

export function validationFailed(part: RequestPart, error: z.core.$ZodError): ApiError {
  return invalidRequest(errorItems(error, [part]));
}

/** 422 with findings of checks that no schema makes; `loc` of each begins with a RequestPart. */
export function invalidRequest(items: readonly ErrorItem[]): ApiError {
  const [first] = items;
  const rest = items.length - 1;
  const where = first === undefined ? 'request' : first.loc.join('.');
  const more = rest > 0 ? ` (and ${rest} more)` : '';
  const detail = first === undefined ? 'The request is not valid' : `${where}: ${first.msg}${more}`;
  return new ApiError('validation_failed', detail, { errors: items.slice(0, MAX_ITEMS) });
}
