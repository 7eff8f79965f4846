import type { TokenResponse } from '@millrace/contracts';
import { ApiProblem } from '../errors.js';
import { abandonable } from '../http/deadline.js';
import type { AuthApi } from '../resources/auth.js';
import type { TokenSource } from './token-source.js';

export interface SessionStart {
  /** Used until it is refused. */
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** Signs in when there is no session yet, and again when the refresh token is refused too. */
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** Told of every new pair: refresh tokens are single use, so whoever stores one must store its successor. */
  readonly onTokens?: ((tokens: TokenResponse) => void) | undefined;
}

/** Renew this long before the end, so that a request does not meet an expired token on its way. */
const MARGIN_MS = 15_000;

/**
 * Keeps a session alive: signs in lazily, refreshes when a token is refused or nearly expired, one renewal at a time.
 * A caller that gives up does not abort the renewal others wait for.
 */
export function sessionTokens(auth: Pick<AuthApi, 'login' | 'refresh'>, start: SessionStart): TokenSource {
  let accessToken = start.accessToken;
  let refreshToken = start.refreshToken;
  let expiresAtMs: number | undefined;
  let flight: Promise<string | undefined> | undefined;

  const keep = (tokens: TokenResponse): string => {
    accessToken = tokens.access_token;
    refreshToken = tokens.refresh_token;
    expiresAtMs = Date.now() + tokens.expires_in * 1000;
    start.onTokens?.(tokens);
    return tokens.access_token;
  };

  const obtain = async (): Promise<string | undefined> => {
    if (refreshToken !== undefined) {
      try {
        return keep(await auth.refresh(refreshToken));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refreshToken = undefined;
      }
    }
    return start.login === undefined ? undefined : keep(await auth.login(start.login));
  };

  const shared = (signal: AbortSignal | undefined): Promise<string | undefined> => {
    flight ??= obtain().finally(() => {
      flight = undefined;
    });
    return abandonable(flight, signal);
  };

  const expiresInMs = (): number | undefined =>
    expiresAtMs === undefined ? undefined : Math.max(0, expiresAtMs - Date.now());

  return {
    async current(signal) {
      const left = expiresInMs();
      if (accessToken !== undefined && (left === undefined || left > MARGIN_MS)) return accessToken;
      return (await shared(signal)) ?? accessToken;
    },
    renew(stale, signal) {
      // Another caller renewed it while this one's refusal was on its way.
      if (accessToken !== undefined && accessToken !== stale) return Promise.resolve(accessToken);
      return shared(signal);
    },
    expiresInMs,
  };
}

/** The server's word that this refresh token is no good, as against not having been reached. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 401, 403, 422].includes(error.status);
}
