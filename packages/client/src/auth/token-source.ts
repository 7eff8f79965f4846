import type { AccessTokenResponse, TokenResponse } from '@millrace/contracts';

/**
 * Where requests and streams get their bearer token. Own implementations are welcome (a keyring, a shared file):
 * pass one as `credentials`.
 */
export interface TokenSource {
  /** The token to send, or undefined to go without. May ask the server, so it may throw what a request throws. */
  current(signal?: AbortSignal): Promise<string | undefined>;
  /**
   * A token other than `stale`, which the server refused or which is about to expire; undefined when there is none to
   * be had. Called by many requests at once: they must share one renewal.
   */
  renew(stale: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Milliseconds until the present token expires; undefined when unknown. */
  expiresInMs?(): number | undefined;
  /** Takes what a call answered for this very session, as after a new password; undefined: the session is over. */
  adopt?(tokens: AccessTokenResponse | TokenResponse | undefined): void;
  /** Calls back with every token that was adopted, so that open streams go on with it. Returns what stops that. */
  onAdopted?(listener: (token: string) => void): () => void;
}

/** A token or API key that cannot be renewed, or none. */
export function fixedToken(token: string | undefined): TokenSource {
  return {
    current: () => Promise.resolve(token),
    renew: () => Promise.resolve(undefined),
  };
}
