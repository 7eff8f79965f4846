import type { AccountApi, AuthApi, InCookie } from '../resources/auth.js';
import type { CallOptions } from '../http/transport.js';
import type { AccessTokenResponse, TokenResponse } from '@millrace/contracts';
import type { TokenSource } from './token-source.js';

/**
 * The same calls, with what they change of this client's own session told to its credentials: signing in and out with
 * the cookie, signing out everywhere, a new password.
 */
export function signedIn(auth: AuthApi, account: AccountApi, tokens: TokenSource): AuthApi & AccountApi {
  type Password = Parameters<AuthApi['login']>[0];
  function login(credentials: Password, options: CallOptions & InCookie): Promise<AccessTokenResponse>;
  function login(credentials: Password, options?: CallOptions): Promise<TokenResponse>;
  async function login(
    credentials: Password,
    options?: CallOptions & Partial<InCookie>,
  ): Promise<AccessTokenResponse | TokenResponse> {
    if (options?.session !== 'cookie') return auth.login(credentials, options);
    const answer = await auth.login(credentials, { ...options, session: 'cookie' });
    tokens.adopt?.(answer);
    return answer;
  }

  return {
    ...auth,
    ...account,
    login,
    async logout(from, options) {
      await auth.logout(from, options);
      if (typeof from !== 'string') tokens.adopt?.(undefined);
    },
    async logoutAll(options) {
      await account.logoutAll(options);
      tokens.adopt?.(undefined);
    },
    async changePassword(change, options) {
      const answer = await account.changePassword(change, options);
      tokens.adopt?.(answer);
      return answer;
    },
  };
}
