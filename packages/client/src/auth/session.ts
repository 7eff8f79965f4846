import type { AccessTokenResponse, TokenResponse } from '@millrace/contracts';
import type { AuthApi } from '../resources/auth.js';
import { heldToken, isRefusal } from './held-token.js';
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

/** Keeps a session alive whose refresh token is at hand: signs in lazily and refreshes. */
export function sessionTokens(auth: Pick<AuthApi, 'login' | 'refresh'>, start: SessionStart): TokenSource {
  let { refreshToken, login } = start;

  const keep = (tokens: TokenResponse): TokenResponse => {
    refreshToken = tokens.refresh_token;
    start.onTokens?.(tokens);
    return tokens;
  };

  const obtain = async (): Promise<TokenResponse | undefined> => {
    const spent = refreshToken;
    if (spent !== undefined) {
      try {
        const tokens = await auth.refresh(spent);
        // Adopted meanwhile: the later answer is the one that holds.
        return refreshToken === spent ? keep(tokens) : undefined;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (refreshToken === spent) refreshToken = undefined;
      }
    }
    return login === undefined ? undefined : keep(await auth.login(login));
  };

  const held = heldToken(obtain, start.accessToken);
  return {
    ...held,
    adopt(tokens: AccessTokenResponse | TokenResponse | undefined) {
      // What was signed in with does not sign in again: the session was ended on purpose, or the password is another.
      login = undefined;
      if (tokens && 'refresh_token' in tokens) keep(tokens);
      else refreshToken = undefined;
      held.adopt(tokens);
    },
  };
}
