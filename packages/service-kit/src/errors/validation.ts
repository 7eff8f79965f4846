import type { ErrorItem } from '@millrace/contracts';
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
  const items = error.issues.flatMap((issue) => itemsOf([part], issue));
  return invalidRequest(items);
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

function itemsOf(prefix: readonly (string | number)[], issue: z.core.$ZodIssue): ErrorItem[] {
  const loc = [...prefix, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => itemsOf(loc, inner));
  }
  return [{ loc, msg: issue.message, type: issue.code }];
}

/** The alternative the value came nearest to: whose first finding lies deepest. None when all fail at the value itself. */
function closestBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const depth = (branch: z.core.$ZodIssue[]): number => Math.min(...branch.map(({ path }) => path.length));
  const [best] = branches.filter((branch) => branch.length > 0).sort((a, b) => depth(b) - depth(a));
  if (best === undefined) return undefined;
  return depth(best) > 0 || branches.length === 1 ? best : undefined;
}
