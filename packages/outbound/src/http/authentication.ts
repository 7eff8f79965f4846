import type { HttpAuthentication } from '@millrace/contracts';
import { fail } from './errors.js';
import { addHeader } from './headers.js';
import type { PreparedRequest } from './request.js';
import type { TokenSource } from './tokens.js';

/** A request that proves who sends it. */
export interface AuthenticatedRequest {
  readonly request: PreparedRequest;
  /** Texts made of the secrets that nobody else knows to hide: they must not come back in an answer. */
  readonly derived: readonly string[];
  /** Tells the cache that the token was refused; true when another one can be had. */
  refused(): boolean;
}

const FINAL = (): boolean => false;

function withHeader(
  request: PreparedRequest,
  name: string,
  value: string,
  derived: readonly string[],
  refused: () => boolean = FINAL,
): AuthenticatedRequest {
  const headers = { ...request.headers };
  if (Object.hasOwn(headers, name.toLowerCase())) {
    throw fail('invalid_request', `The header ${name} is given both by headers and by authentication`);
  }
  const added = addHeader(headers, name, value);
  const secretHeaders = new Set([...request.secretHeaders, added]);
  return { request: { ...request, headers, secretHeaders }, derived, refused };
}

/** Adds the credentials to a request; for OAuth 2 that may take a request to the token endpoint first. */
export async function authenticate(
  request: PreparedRequest,
  authentication: HttpAuthentication | undefined,
  tokens: TokenSource,
  signal: AbortSignal,
): Promise<AuthenticatedRequest> {
  if (authentication === undefined) return { request, derived: [], refused: FINAL };
  switch (authentication.type) {
    case 'basic': {
      const { username, password } = authentication;
      const credentials = Buffer.from(`${username}:${password}`).toString('base64');
      return withHeader(request, 'Authorization', `Basic ${credentials}`, [credentials]);
    }
    case 'bearer':
      return withHeader(request, 'Authorization', `Bearer ${authentication.token}`, []);
    case 'header':
      return withHeader(request, authentication.name, authentication.value, []);
    case 'query': {
      const url = new URL(request.url);
      url.searchParams.set(authentication.name, authentication.value);
      return { request: { ...request, url }, derived: [], refused: FINAL };
    }
    case 'oauth2_client_credentials': {
      const token = await tokens.get(authentication, signal);
      return withHeader(request, 'Authorization', `Bearer ${token}`, [token], () => {
        tokens.drop(authentication, token);
        return true;
      });
    }
  }
}
