import {
  currentUser,
  ticketResponse,
  tokenResponse,
  type CurrentUser,
  type TokenResponse,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';

export interface AuthApi {
  /** Throws ApiProblem 401 for a wrong user or password, 429 with `retryAfter` when throttled; never repeated. */
  login(credentials: { username: string; password: string }, options?: CallOptions): Promise<TokenResponse>;
  /** Spends the refresh token. A lost answer is asked for again at once, which the server forgives for 10 s. */
  refresh(refreshToken: string, options?: CallOptions): Promise<TokenResponse>;
  logout(refreshToken: string, options?: CallOptions): Promise<void>;
}

/** What an anonymous caller may do. */
export function authApi(calls: JsonCalls): AuthApi {
  return {
    login: ({ username, password }, options) =>
      calls.get(
        tokenResponse,
        { method: 'POST', path: '/auth/login/json', body: { username, password } },
        options,
      ),
    refresh: (refreshToken, options) =>
      calls.get(
        tokenResponse,
        { method: 'POST', path: '/auth/refresh', body: { refresh_token: refreshToken }, repeatable: true },
        options,
      ),
    logout: (refreshToken, options) =>
      calls.discard(
        { method: 'POST', path: '/auth/logout', body: { refresh_token: refreshToken }, repeatable: true },
        options,
      ),
  };
}

export interface AccountApi {
  me(options?: CallOptions): Promise<CurrentUser>;
  /** A one-use ticket for a WebSocket that can carry neither header nor subprotocol. */
  socketTicket(options?: CallOptions): Promise<z.output<typeof ticketResponse>>;
}

export function accountApi(calls: JsonCalls): AccountApi {
  return {
    me: (options) => calls.get(currentUser, { method: 'GET', path: '/auth/me' }, options),
    socketTicket: (options) =>
      calls.get(ticketResponse, { method: 'POST', path: '/ws/tickets', body: {} }, options),
  };
}
