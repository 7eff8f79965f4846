import type { AuthApi } from '../resources/auth.js';
import { heldToken, isRefusal } from './held-token.js';
import { oneTabAtATime } from './one-tab.js';
import type { TokenSource } from './token-source.js';

/**
 * The session of a browser: the access token in memory, the refresh token in a cookie that no script can read. Tabs share
 * the cookie and nothing else. One that finds that another has renewed, or has signed in, renews with the cookie of the
 * other; so nothing is remembered of a refusal.
 */
export function cookieTokens(auth: Pick<AuthApi, 'refresh'>): TokenSource {
  return heldToken(
    () =>
      oneTabAtATime(async () => {
        try {
          return await auth.refresh({ session: 'cookie' });
        } catch (error) {
          if (isRefusal(error)) return undefined;
          throw error;
        }
      }),
    undefined,
  );
}
