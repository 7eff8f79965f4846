import type * as z from 'zod';

/** Of a list each value is sent, as a parameter of its own. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

const PREFIX = '/api/v1';

/**
 * The root of the API without a trailing slash. Accepts the platform's address with or without `/api/v1` and below a
 * path of a reverse proxy. Throws a TypeError for anything that is not an absolute http(s) address.
 */
export function apiRoot(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`"${baseUrl}" is not an http:// or https:// address`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the address must not carry a user or a password');
  }
  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (path.endsWith(PREFIX) ? path : path + PREFIX);
}

export function withQuery(url: string, query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const each of typeof value === 'object' ? value : [value]) search.append(key, String(each));
  }
  return search.size === 0 ? url : `${url}?${search.toString()}`;
}

/** `http(s)://…` to `ws(s)://…`. */
export function socketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}

/** Joins path segments, each escaped: ids come from users. */
export function path(...segments: string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/**
 * The cursor in the `rel="next"` target of a `Link` header. Only this parameter is taken: behind a proxy the address in
 * it may be one that the caller cannot reach.
 */
export function nextCursor(link: string | null, parameter = 'cursor'): string | undefined {
  for (const [, target, parameters] of (link ?? '').matchAll(/<([^>]*)>([^,]*)/g)) {
    if (!/;\s*rel="?[^"]*\bnext\b/i.test(parameters ?? '')) continue;
    const query = target?.split('?')[1]?.split('#')[0];
    return new URLSearchParams(query).get(parameter) ?? undefined;
  }
  return undefined;
}

type Given<V> = V extends readonly (infer Item)[] ? V | Item : V extends 'true' | 'false' ? V | boolean : V;

/**
 * What a caller may give for a query of the contract: everything optional, defaults being the server's, one value where
 * several may be.
 */
export type QueryOf<S extends z.ZodObject> = {
  readonly [K in keyof z.output<S>]?: Given<z.output<S>[K]> | undefined;
};
