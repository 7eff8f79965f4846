import { fail } from './errors.js';
import { requestHeaders } from './headers.js';
import { writePayload } from './payload.js';
import type { HttpRequestSpec, QueryScalar } from './types.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

const MAX_URL_LENGTH = 16_384;

/** A request after validation: what one hop sends. */
export interface PreparedRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** Lower-case names of headers that stay within the origin. */
  readonly secretHeaders: ReadonlySet<string>;
  readonly body: string | Buffer | null;
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

/** Whole or not at all: of a secret that was cut off, nobody would recognize the rest to hide it. */
function shown(text: string): string {
  return text.length > 200 ? 'The URL' : JSON.stringify(text);
}

function parseUrl(text: string, query: HttpRequestSpec['query']): URL {
  if (text.length > MAX_URL_LENGTH)
    throw fail('invalid_url', `The URL is longer than ${String(MAX_URL_LENGTH)} characters`);
  if (!URL.canParse(text)) throw fail('invalid_url', `${shown(text)} is not an absolute URL`);
  const url = new URL(text);
  for (const [name, value] of Object.entries(query ?? {})) {
    url.searchParams.delete(name);
    for (const item of scalarsOf(value)) if (item !== null) url.searchParams.append(name, String(item));
  }
  // A fragment is for a reader, never sent.
  url.hash = '';
  return url;
}

/** Bodies of GET that some services read (a search in JSON) are sent; what none reads is refused. */
function refuseSenselessBody(method: Method, bodyType: HttpRequestSpec['bodyType']): void {
  if (method === 'HEAD') throw fail('invalid_request', 'A HEAD request has no body');
  if (method === 'GET' && (bodyType === 'form' || bodyType === 'multipart' || bodyType === 'bytes')) {
    throw fail(
      'invalid_request',
      `A GET request has no body of body_type ${bodyType}: use POST or PUT, or send the values as query`,
    );
  }
}

/** Throws `invalid_url` or `invalid_request`; the target is judged by the guard, not here. */
export async function prepareRequest(spec: HttpRequestSpec, userAgent: string): Promise<PreparedRequest> {
  const method = parseMethod(spec.method);
  const url = parseUrl(spec.url, spec.query);
  const headers = requestHeaders(spec, userAgent);
  const secretHeaders = new Set(spec.secretHeaders?.map((name) => name.toLowerCase()));
  const without = spec.body === undefined || (spec.body === null && (method === 'GET' || method === 'HEAD'));
  if (without) return { method, url, headers, secretHeaders, body: null };
  refuseSenselessBody(method, spec.bodyType);
  const { bytes, contentType } = await writePayload(spec.body ?? null, spec.bodyType);
  // A boundary of the author's would not be the one between the parts.
  if (spec.bodyType === 'multipart') headers['content-type'] = contentType;
  headers['content-type'] ??= contentType;
  return { method, url, headers, secretHeaders, body: bytes };
}

/** The request that follows a redirect, by the rules of the Fetch standard; throws when there is nowhere to go. */
export function redirectTarget(location: string, from: URL): URL {
  if (location.length > MAX_URL_LENGTH || !URL.canParse(location, from.href))
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
