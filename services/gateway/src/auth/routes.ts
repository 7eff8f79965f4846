import type { CurrentUser, SessionPlace } from '@millrace/contracts';
import { unauthenticated } from '@millrace/service-kit';
import type { Request } from 'express';
import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import { assertJson, assertOwnPage, cookieWith, refreshTokenOf, withoutCookie } from './cookie.js';
import { createSessions, type Issued } from './service.js';

export function authHandlers(
  context: GatewayContext,
): Handlers<'login' | 'loginJson' | 'refreshSession' | 'logout' | 'currentUser'> {
  const sessions = createSessions(context);

  const logIn: Handlers<'loginJson'>['loginJson'] = async ({ body, query, request }) => {
    // Otherwise a page elsewhere could sign a browser in as somebody else, who then reads what is entered there.
    if (query.session === 'cookie') assertOwnPage(request);
    return answer(request, query.session, await sessions.logIn(body, request.ip ?? ''));
  };

  return {
    login: logIn,
    loginJson: logIn,

    refreshSession: async ({ body, request }) => {
      const given = presented(request, body.refresh_token);
      if (!given) throw unauthenticated('There is no refresh token, neither in the body nor in a cookie');
      return answer(request, given.place, await sessions.refresh(given.refreshToken));
    },

    logout: async ({ body, request }) => {
      const given = presented(request, body.refresh_token);
      if (given) await sessions.logOut(given.refreshToken);
      return { status: 204, headers: given?.place === 'cookie' ? withoutCookie(request) : {} };
    },

    currentUser: async ({ caller }) => {
      const user = await context.db.asPlatform(({ users }) => users.findById(caller.userId));
      if (!user) throw unauthenticated('Could not validate credentials');
      const { username, email, fullName, disabled } = user;
      const body: CurrentUser = {
        ...{ username, email, disabled },
        full_name: fullName,
        scopes: [...caller.scopes],
      };
      return { status: 200, body };
    },
  };
}

/** The refresh token of the body, or of the cookie where a page of our own sent the request. */
function presented(
  request: Request,
  inBody: string | undefined,
): { refreshToken: string; place: SessionPlace } | undefined {
  if (inBody !== undefined) return { refreshToken: inBody, place: 'body' };
  const refreshToken = refreshTokenOf(request);
  if (refreshToken === undefined) return undefined;
  assertOwnPage(request);
  assertJson(request);
  return { refreshToken, place: 'cookie' };
}

/** What goes into the cookie does not go into the body. */
function answer(request: Request, place: SessionPlace, { tokens, refreshToken, expiresAt }: Issued) {
  if (place === 'body') return { status: 200, body: { ...tokens, refresh_token: refreshToken } } as const;
  return { status: 200, body: tokens, headers: cookieWith(request, refreshToken, expiresAt) } as const;
}
