import type { TokenSource } from '@millrace/client';
import { tokenResponse, type TokenResponse } from '@millrace/contracts';

/** Renew this long before the end, so that a request does not meet an expired token on its way. */
const MARGIN_MS = 15_000;

interface Held {
  readonly token: string;
  readonly expiresAtMs: number;
}

let held: Held | undefined;
let flight: Promise<string | undefined> | undefined;

/** The access token lives in memory only; the refresh token is in a cookie that no script can read. */
export function holdTokens(tokens: Pick<TokenResponse, 'access_token' | 'expires_in'> | undefined): void {
  held = tokens && { token: tokens.access_token, expiresAtMs: Date.now() + tokens.expires_in * 1_000 };
}

const expiresInMs = (): number | undefined => held && Math.max(0, held.expiresAtMs - Date.now());

export const cookieTokens: TokenSource = {
  async current() {
    if (held && (expiresInMs() ?? 0) > MARGIN_MS) return held.token;
    return (await renewOnce()) ?? held?.token;
  },
  renew(stale) {
    if (held && held.token !== stale) return Promise.resolve(held.token);
    return renewOnce();
  },
  expiresInMs,
};

function renewOnce(): Promise<string | undefined> {
  flight ??= renew().finally(() => {
    flight = undefined;
  });
  return flight;
}

/** undefined when there is no session (any more); throws when the platform could not be asked. */
async function renew(): Promise<string | undefined> {
  const response = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) {
    if (response.status >= 500) throw new Error(`The platform answered ${response.status}`);
    holdTokens(undefined);
    return undefined;
  }
  const tokens = tokenResponse.omit({ refresh_token: true }).parse(await response.json());
  holdTokens(tokens);
  return tokens.access_token;
}
