import type { TokenResponse } from '@millrace/contracts';
import type { AuthApi } from '../resources/auth.js';
import { cookieTokens } from './cookie-session.js';
import { sessionTokens } from './session.js';
import { fixedToken, type TokenSource } from './token-source.js';

export type Credentials =
  | { readonly token: string }
  | { readonly apiKey: string }
  | {
      readonly username: string;
      readonly password: string;
      readonly onTokens?: (tokens: TokenResponse) => void;
    }
  | {
      readonly refreshToken: string;
      readonly accessToken?: string | undefined;
      readonly onTokens?: (tokens: TokenResponse) => void;
    }
  /** A browser that signed in with `session: 'cookie'`, in whichever tab; needs the origin of the page. */
  | { readonly session: 'cookie' }
  | TokenSource;

export function tokenSourceOf(credentials: Credentials | undefined, auth: AuthApi): TokenSource {
  if (credentials === undefined) return fixedToken(undefined);
  if ('token' in credentials) return fixedToken(credentials.token);
  if ('apiKey' in credentials) return fixedToken(credentials.apiKey);
  if ('session' in credentials) return cookieTokens(auth);
  if ('password' in credentials) {
    const { username, password, onTokens } = credentials;
    return sessionTokens(auth, { login: { username, password }, onTokens });
  }
  return 'refreshToken' in credentials ? sessionTokens(auth, credentials) : credentials;
}
