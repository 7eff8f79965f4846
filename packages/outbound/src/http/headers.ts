import { fail } from './errors.js';
import type { HttpRequestSpec, HttpResponse } from './types.js';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

// Visible Latin-1 with space and tab: what an HTTP/1.1 field may hold. CR, LF and NUL would smuggle a second request.
const VALUE = /^[\t -~\u0080-\u00ff]*$/;

/** They describe this connection or its framing, which is not the author's to decide. */
const REFUSED = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'expect',
  'http2-settings',
]);

/** Secrets meant for one origin. */
const CREDENTIALS = ['authorization', 'cookie', 'x-api-key', 'api-key', 'x-auth-token', 'x-access-token'];

/** Headers of an entity, which go when a redirect turns the request into a GET. */
const ENTITY = ['content-type', 'content-encoding', 'content-language', 'content-location'];

/** Lower-cases the names and refuses what would change the connection or smuggle; later duplicates by case are refused. */
export function requestHeaders(spec: HttpRequestSpec, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [given, raw] of Object.entries(spec.headers ?? {})) addHeader(headers, given, String(raw));
  if (spec.idempotencyKey !== undefined) {
    headers['idempotency-key'] ??= checkedValue('Idempotency-Key', spec.idempotencyKey);
  }
  headers['user-agent'] ??= userAgent;
  headers['accept'] ??= '*/*';
  headers['accept-encoding'] ??= 'gzip, deflate, br';
  return headers;
}

/** Adds one header; throws `invalid_request` when it cannot be sent, is the platform's, or is there already. */
export function addHeader(headers: Record<string, string>, given: string, value: string): string {
  const name = given.toLowerCase();
  if (!TOKEN.test(given)) throw fail('invalid_request', `"${printable(given)}" is not a header name`);
  if (REFUSED.has(name))
    throw fail('invalid_request', `The header ${given} is set by the platform, not by a step`);
  if (Object.hasOwn(headers, name)) throw fail('invalid_request', `The header ${given} is given twice`);
  Object.defineProperty(headers, name, {
    value: checkedValue(given, value),
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return name;
}

function checkedValue(name: string, value: string): string {
  if (!VALUE.test(value)) {
    throw fail('invalid_request', `The header ${name} has a line break or a character outside Latin-1`);
  }
  return value;
}

function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1).slice(0, 100);
}

/** What may follow a redirect to `next`: no credentials to another origin. */
export function headersAfterRedirect(
  headers: Record<string, string>,
  secretHeaders: ReadonlySet<string>,
  sameOrigin: boolean,
  dropsBody: boolean,
): Record<string, string> {
  const dropped = new Set([
    ...(sameOrigin ? [] : [...CREDENTIALS, ...secretHeaders]),
    ...(dropsBody ? ENTITY : []),
  ]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

/** Repeated headers joined, `set-cookie` kept apart because its values contain commas. */
export function responseHeaders(raw: Record<string, string | string[] | undefined>): HttpResponse['headers'] {
  const headers: HttpResponse['headers'] = {};
  for (const [given, value] of Object.entries(raw)) {
    const name = given.toLowerCase();
    if (value === undefined || name === '__proto__') continue;
    if (name === 'set-cookie') headers[name] = Array.isArray(value) ? value : [value];
    else headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
