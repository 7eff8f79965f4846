import { fail } from './errors.js';
import { requestHeaders } from './headers.js';
import type { HttpRequestSpec, QueryScalar } from './types.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

const MAX_URL_LENGTH = 16_384;

/** A request after validation: what one hop sends. */
export interface PreparedRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

function parseMethod(given: string | undefined): Method {
  const wanted = (given ?? 'GET').toUpperCase();
  const method = METHODS.find((known) => known === wanted);
  if (!method)
    throw fail('invalid_request', `Method ${JSON.stringify(given)} is not one of ${METHODS.join(', ')}`);
  return method;
}

function scalarsOf(value: QueryScalar | readonly QueryScalar[]): readonly QueryScalar[] {
  return typeof value === 'object' && value !== null ? value : [value];
}

function parseUrl(text: string, query: HttpRequestSpec['query']): URL {
  if (text.length > MAX_URL_LENGTH)
    throw fail('invalid_url', `The URL is longer than ${String(MAX_URL_LENGTH)} characters`);
  if (!URL.canParse(text))
    throw fail('invalid_url', `${JSON.stringify(text.slice(0, 200))} is not an absolute URL`);
  const url = new URL(text);
  for (const [name, value] of Object.entries(query ?? {})) {
    url.searchParams.delete(name);
    for (const item of scalarsOf(value)) if (item !== null) url.searchParams.append(name, String(item));
  }
  // A fragment is for a reader, never sent.
  url.hash = '';
  return url;
}

/** Throws `invalid_url` or `invalid_request`; the target is judged by the guard, not here. */
export function prepareRequest(spec: HttpRequestSpec, userAgent: string): PreparedRequest {
  const method = parseMethod(spec.method);
  const url = parseUrl(spec.url, spec.query);
  const headers = requestHeaders(spec, userAgent);
  if (spec.body === undefined) return { method, url, headers, body: null };
  if (method === 'HEAD') throw fail('invalid_request', 'A HEAD request has no body');
  const text = typeof spec.body === 'string';
  headers['content-type'] ??= text ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    method,
    url,
    headers,
    body: typeof spec.body === 'string' ? spec.body : JSON.stringify(spec.body),
  };
}

/** The request that follows a redirect, by the rules of the Fetch standard; throws when there is nowhere to go. */
export function redirectTarget(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href))
    throw fail('invalid_redirect', `${from.host} redirects to an unusable address`);
  const next = new URL(location, from);
  next.hash = '';
  return next;
}

/** 303 turns everything but HEAD into GET; 301 and 302 turn POST into GET; 307 and 308 repeat the request. */
export function becomesGet(status: number, method: Method): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}
