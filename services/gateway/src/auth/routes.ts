import type { SessionPlace, SessionResource } from '@millrace/contracts';
import type { LoginSession } from '@millrace/persistence';
import { type Principal, unauthenticated } from '@millrace/service-kit';
import type { Request } from 'express';
import type { GatewayContext } from '../context.js';
import { isoTime } from '../http/dates.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createAccount } from './account.js';
import { assertJson, assertOwnPage, refreshTokenOf, withoutCookie } from './cookie.js';
import { answerTokens, seenFrom } from './issued.js';
import { createSessions } from './service.js';

export function authHandlers(
  context: GatewayContext,
): Handlers<'login' | 'loginJson' | 'refreshSession' | 'logout'> {
  const sessions = createSessions(context);

  const logIn: Handlers<'loginJson'>['loginJson'] = async ({ body, query, request }) => {
    // Otherwise a page elsewhere could sign a browser in as somebody else, who then reads what is entered there.
    if (query.session === 'cookie') assertOwnPage(request);
    return answerTokens(request, query.session, await sessions.logIn(body, seenFrom(request)));
  };

  return {
    login: logIn,
    loginJson: logIn,

    refreshSession: async ({ body, request }) => {
      const given = presented(request, body.refresh_token);
      if (!given) throw unauthenticated('There is no refresh token, neither in the body nor in a cookie');
      const issued = await sessions.refresh(given.refreshToken, seenFrom(request));
      return answerTokens(request, given.place, issued);
    },

    logout: async ({ body, request }) => {
      const given = presented(request, body.refresh_token);
      if (given) await sessions.logOut(given.refreshToken);
      return { status: 204, headers: given?.place === 'cookie' ? withoutCookie(request) : {} };
    },
  };
}

export function accountHandlers(
  context: GatewayContext,
): Handlers<'currentUser' | 'updateMe' | 'changePassword' | 'logoutAll' | 'listSessions' | 'endSession'> {
  const account = createAccount(context);
  return {
    currentUser: async ({ caller }) => ({ status: 200, body: await account.read(caller) }),
    updateMe: async ({ caller, body }) => ({ status: 200, body: await account.update(caller, body) }),

    changePassword: async ({ caller, body, query, request }) => {
      if (query.session === 'cookie') assertOwnPage(request);
      const issued = await account.changePassword(caller, body, seenFrom(request));
      return answerTokens(request, query.session, issued);
    },

    logoutAll: async ({ caller, request }) => {
      await account.endAllSessions(caller);
      return { status: 204, headers: withoutOwnCookie(request) };
    },

    listSessions: async ({ caller, query, request }) => {
      const { items, nextCursor } = await account.sessions(caller, query);
      const body = items.map((session) => toResource(session, caller));
      return { status: 200, body, headers: nextPage(request, nextCursor) };
    },

    endSession: async ({ caller, params, request }) => {
      await account.endSession(caller, params.id);
      return { status: 204, headers: params.id === caller.sessionId ? withoutOwnCookie(request) : {} };
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

/** Takes along the cookie of a browser that has just signed itself out. */
function withoutOwnCookie(request: Request): Record<string, string> {
  return refreshTokenOf(request) === undefined ? {} : withoutCookie(request);
}

function toResource(session: LoginSession, { sessionId }: Principal): SessionResource {
  const { id, createdAt, lastUsedAt, expiresAt, address, userAgent } = session;
  return {
    ...{ id, address, user_agent: userAgent, current: id === sessionId },
    created_at: isoTime(createdAt),
    last_used_at: isoTime(lastUsedAt),
    expires_at: isoTime(expiresAt),
  };
}
