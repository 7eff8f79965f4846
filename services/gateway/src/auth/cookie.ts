import { API_BASE } from '@millrace/contracts';
import { ApiError, forbidden, isOriginOf } from '@millrace/service-kit';
import type { Request } from 'express';

const NAME = 'millrace_refresh';

/**
 * The refresh token of a browser's session. No script can read it, only requests to this part of the API carry it, and
 * no page of another site makes the browser send it. `Secure` where the browser came over HTTPS, as far as the proxies
 * that are trusted tell: over plain HTTP it would not be kept.
 */
export function cookieWith(request: Request, refreshToken: string, expiresAt: Date): Record<string, string> {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1_000));
  return setCookie(request, refreshToken, seconds);
}

/** Takes the cookie away. */
export function withoutCookie(request: Request): Record<string, string> {
  return setCookie(request, '', 0);
}

function setCookie(request: Request, value: string, seconds: number): Record<string, string> {
  const secure = request.secure ? '; Secure' : '';
  const attributes = `Path=${API_BASE}/auth; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  return { 'Set-Cookie': `${NAME}=${value}; ${attributes}` };
}

export function refreshTokenOf(request: Request): string | undefined {
  for (const pair of (request.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value) return value;
  }
  return undefined;
}

/**
 * A browser adds the cookie to whatever page asks, so what is done with it must come from our own page. SameSite keeps
 * out other sites, but not other origins of the same site: another port of this host, another name of this domain. So
 * where the request comes from is asked as well. `Sec-Fetch-Site` no script can forge or leave out; browsers send it to
 * HTTPS and localhost only, and an older one not at all. There `Origin` answers, which every browser adds to a POST.
 * Neither of them means no browser, and the cookie is for browsers alone: programs have the token in the body. A token
 * of our own against forgery would be one more secret to keep, and would know no more than these two. Throws 403.
 */
export function assertOwnPage(request: Request): void {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const isOwn =
    site === undefined ? origin !== undefined && isOriginOf(origin, request.host) : site === 'same-origin';
  if (isOwn) return;
  throw forbidden(
    'Only pages of this very address may use the cookie of a session; programs send the refresh token in the body',
  );
}

/** A form cannot send JSON, so a page elsewhere would have to ask for permission first, which it does not get. Throws 415. */
export function assertJson(request: Request): void {
  if (/^application\/json\s*(;|$)/i.test(request.get('content-type') ?? '')) return;
  throw new ApiError(
    'unsupported_media_type',
    'With the cookie of a session the Content-Type must be application/json, also without a body',
  );
}
