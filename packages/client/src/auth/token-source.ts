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
}

/** A token or API key that cannot be renewed, or none. */
export function fixedToken(token: string | undefined): TokenSource {
  return {
    current: () => Promise.resolve(token),
    renew: () => Promise.resolve(undefined),
  };
}
