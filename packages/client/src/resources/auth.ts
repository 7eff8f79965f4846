import {
  accessTokenResponse,
  currentUser,
  sessionResource,
  ticketResponse,
  tokenResponse,
  type AccessTokenResponse,
  type CurrentUser,
  type SessionPlace,
  type SessionResource,
  type TokenResponse,
  type changePasswordRequest,
  type updateMeRequest,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path } from '../http/url.js';
import { walk } from '../http/walk.js';
import type { PageQuery } from './users.js';

/** The refresh token is in the browser's cookie, which it sends by itself to the origin of the page. */
export interface InCookie {
  readonly session: 'cookie';
}

export interface AuthApi {
  /** Throws ApiProblem 401 for a wrong user or password, 429 with `retryAfter` when throttled; never repeated. */
  login(
    credentials: { username: string; password: string },
    options: CallOptions & InCookie,
  ): Promise<AccessTokenResponse>;
  login(credentials: { username: string; password: string }, options?: CallOptions): Promise<TokenResponse>;
  /** Spends the refresh token. A lost answer is asked for again at once, which the server forgives for 10 s. */
  refresh(from: InCookie, options?: CallOptions): Promise<AccessTokenResponse>;
  refresh(refreshToken: string, options?: CallOptions): Promise<TokenResponse>;
  logout(from: string | InCookie, options?: CallOptions): Promise<void>;
}

/** What an anonymous caller may do. */
export function authApi(calls: JsonCalls): AuthApi {
  function login(
    credentials: { username: string; password: string },
    options: CallOptions & InCookie,
  ): Promise<AccessTokenResponse>;
  function login(
    credentials: { username: string; password: string },
    options?: CallOptions,
  ): Promise<TokenResponse>;
  function login(
    { username, password }: { username: string; password: string },
    { session, ...options }: CallOptions & Partial<InCookie> = {},
  ): Promise<AccessTokenResponse | TokenResponse> {
    const body = { username, password };
    return calls.get(
      session === 'cookie' ? accessTokenResponse : tokenResponse,
      { method: 'POST', path: '/auth/login/json', query: { session }, body },
      options,
    );
  }

  function refresh(from: InCookie, options?: CallOptions): Promise<AccessTokenResponse>;
  function refresh(refreshToken: string, options?: CallOptions): Promise<TokenResponse>;
  function refresh(
    from: string | InCookie,
    options?: CallOptions,
  ): Promise<AccessTokenResponse | TokenResponse> {
    return calls.get(
      typeof from === 'string' ? tokenResponse : accessTokenResponse,
      { method: 'POST', path: '/auth/refresh', body: bodyOf(from), repeatable: true },
      options,
    );
  }

  return {
    login,
    refresh,
    logout: (from, options) =>
      calls.discard({ method: 'POST', path: '/auth/logout', body: bodyOf(from), repeatable: true }, options),
  };
}

/** JSON also without a token: the server wants that content type together with the cookie. */
function bodyOf(from: string | InCookie): object {
  return typeof from === 'string' ? { refresh_token: from } : {};
}

export interface AccountApi {
  me(options?: CallOptions): Promise<CurrentUser>;
  updateMe(change: z.input<typeof updateMeRequest>, options?: CallOptions): Promise<CurrentUser>;
  /** Ends all other sessions. This client goes on with the tokens of the answer, where its credentials can. */
  changePassword(
    change: z.input<typeof changePasswordRequest>,
    options?: CallOptions,
  ): Promise<AccessTokenResponse | TokenResponse>;
  /** One page of the live sessions, the newest log-in first. */
  sessions(query?: PageQuery, options?: CallOptions): Promise<Page<SessionResource>>;
  allSessions(query?: PageQuery, options?: CallOptions): AsyncGenerator<SessionResource, void, undefined>;
  endSession(id: string, options?: CallOptions): Promise<void>;
  /** Signs out everywhere, here too. */
  logoutAll(options?: CallOptions): Promise<void>;
  /** A one-use ticket for a WebSocket that can carry neither header nor subprotocol. */
  socketTicket(options?: CallOptions): Promise<z.output<typeof ticketResponse>>;
}

/** `place` is where the session has its refresh token, and gets the one of a new password. */
export function accountApi(calls: JsonCalls, place: SessionPlace): AccountApi {
  const sessions: AccountApi['sessions'] = (query, options) =>
    calls.page(sessionResource, { method: 'GET', path: '/auth/sessions', query }, options);
  return {
    me: (options) => calls.get(currentUser, { method: 'GET', path: '/auth/me' }, options),
    updateMe: (change, options) =>
      calls.get(currentUser, { method: 'PATCH', path: '/auth/me', body: change, repeatable: true }, options),
    changePassword: (change, options) =>
      calls.get(
        place === 'cookie' ? accessTokenResponse : tokenResponse,
        { method: 'POST', path: '/auth/password', query: { session: place }, body: change },
        options,
      ),
    sessions,
    allSessions: (query, options) =>
      walk((cursor) => sessions({ ...query, ...(cursor && { cursor }) }, options)),
    endSession: (id, options) =>
      calls.discard({ method: 'DELETE', path: path('auth', 'sessions', id) }, options),
    logoutAll: (options) => calls.discard({ method: 'POST', path: '/auth/logout/all' }, options),
    socketTicket: (options) =>
      calls.get(ticketResponse, { method: 'POST', path: '/ws/tickets', body: {} }, options),
  };
}
