import type { AccessTokenResponse } from '@millrace/contracts';
import { ApiProblem } from '../errors.js';
import { abandonable } from '../http/deadline.js';
import type { TokenSource } from './token-source.js';

/** Renew this long before the end, so that a request does not meet an expired token on its way. */
const MARGIN_MS = 15_000;

export type HeldToken = Required<TokenSource>;

/**
 * Holds the access token of a session in memory and obtains another one when it is refused or nearly expired, one
 * renewal at a time. `obtain` answers undefined where there is none to be had. A caller that gives up does not abort the
 * renewal others wait for, and a renewal that was under way when tokens were adopted does not undo that.
 */
export function heldToken(
  obtain: () => Promise<AccessTokenResponse | undefined>,
  first: string | undefined,
): HeldToken {
  let accessToken = first;
  let expiresAtMs: number | undefined;
  let flight: Promise<string | undefined> | undefined;
  let adoptions = 0;
  const listeners = new Set<(token: string) => void>();

  const keep = (tokens: AccessTokenResponse | undefined): void => {
    accessToken = tokens?.access_token;
    expiresAtMs = tokens && Date.now() + tokens.expires_in * 1000;
  };

  const renewed = async (): Promise<string | undefined> => {
    const before = adoptions;
    const tokens = await obtain();
    if (adoptions !== before) return accessToken;
    if (tokens) keep(tokens);
    return tokens?.access_token;
  };

  const shared = (signal: AbortSignal | undefined): Promise<string | undefined> => {
    if (flight === undefined) {
      const started = renewed().finally(() => {
        if (flight === started) flight = undefined;
      });
      flight = started;
    }
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
    adopt(tokens) {
      adoptions += 1;
      flight = undefined;
      keep(tokens);
      if (tokens) for (const listener of [...listeners]) listener(tokens.access_token);
    },
    onAdopted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The server's word that this session is no good, as against not having been reached. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 401, 403, 422].includes(error.status);
}
