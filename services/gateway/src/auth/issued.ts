import type { AccessTokenResponse, SessionPlace } from '@millrace/contracts';
import type { Renewed, SeenFrom } from '@millrace/persistence';
import { ACCESS_TOKEN_SECONDS, type Authenticator } from '@millrace/service-kit';
import type { Request } from 'express';
import { cookieWith } from './cookie.js';

/** What a session is given. The refresh token is apart: it is answered in the body or in a cookie. */
export interface Issued {
  readonly tokens: AccessTokenResponse;
  readonly refreshToken: string;
  /** The end of the session, which no exchange moves. */
  readonly expiresAt: Date;
}

export function issue(authenticator: Authenticator, session: Renewed, refreshToken: string): Issued {
  const tokens: AccessTokenResponse = {
    access_token: authenticator.issueAccessToken(session),
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
  };
  return { tokens, refreshToken, expiresAt: session.expiresAt };
}

/** What goes into the cookie does not go into the body. */
export function answerTokens(request: Request, place: SessionPlace, issued: Issued) {
  const { tokens, refreshToken, expiresAt } = issued;
  if (place === 'body') return { status: 200, body: { ...tokens, refresh_token: refreshToken } } as const;
  return { status: 200, body: tokens, headers: cookieWith(request, refreshToken, expiresAt) } as const;
}

const USER_AGENT_LENGTH = 300;

/** Where a session is used from, for its user to recognise it by. */
export function seenFrom(request: Request): SeenFrom {
  return {
    address: request.ip ?? null,
    userAgent: request.get('user-agent')?.slice(0, USER_AGENT_LENGTH) ?? null,
  };
}
