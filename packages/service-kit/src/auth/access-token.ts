import jwt from 'jsonwebtoken';

export const ACCESS_TOKEN_SECONDS = 30 * 60;
export const MIN_JWT_SECRET_BYTES = 32;

/** How every token is signed and checked. The algorithm is pinned: `none` and public-key confusion are refused. */
export const JWT_PROFILE = { algorithm: 'HS256', issuer: 'millrace', audience: 'millrace-api' } as const;

export interface AccessTokenClaims {
  readonly userId: string;
  readonly expiresAt: Date;
  /** Of the user's sessions when it was issued: an older one than the account's has ended. */
  readonly sessionVersion: number;
  /** The log-in it came of, with which it ends; null for one that came of none. */
  readonly sessionId: string | null;
}

export interface NewAccessToken {
  lifetimeSeconds?: number | undefined;
  /** The account's; 0 is what every account begins with. */
  sessionVersion?: number | undefined;
  sessionId?: string | undefined;
}

/** Throws a TypeError for a secret too short for HS256 (32 bytes). */
export function assertJwtSecret(secret: string): void {
  if (Buffer.byteLength(secret) < MIN_JWT_SECRET_BYTES) {
    throw new TypeError(`the JWT secret must have at least ${MIN_JWT_SECRET_BYTES} bytes`);
  }
}

/** A token that says who the user is and nothing of what they may do: scopes are read from the database. */
export function signAccessToken(
  userId: string,
  secret: string,
  { lifetimeSeconds = ACCESS_TOKEN_SECONDS, sessionVersion = 0, sessionId }: NewAccessToken = {},
): string {
  const { algorithm, issuer, audience } = JWT_PROFILE;
  const claims = {
    session_version: sessionVersion,
    ...(sessionId !== undefined && { session_id: sessionId }),
  };
  return jwt.sign(claims, secret, {
    ...{ algorithm, issuer, audience },
    ...{ subject: userId, expiresIn: lifetimeSeconds },
  });
}

/** Undefined for anything that is not a valid, current token of ours. */
export function verifyAccessToken(token: string, secret: string): AccessTokenClaims | undefined {
  const { algorithm, issuer, audience } = JWT_PROFILE;
  try {
    return readAccessClaims(jwt.verify(token, secret, { algorithms: [algorithm], issuer, audience }));
  } catch {
    return undefined;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads claims whose signature was checked. A token without an end or a user is none of ours. */
export function readAccessClaims(claims: unknown): AccessTokenClaims | undefined {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (!('sub' in claims) || typeof claims.sub !== 'string' || !UUID.test(claims.sub)) return undefined;
  if (!('exp' in claims) || typeof claims.exp !== 'number') return undefined;
  const sessionVersion = 'session_version' in claims ? claims.session_version : 0;
  if (typeof sessionVersion !== 'number') return undefined;
  const sessionId = 'session_id' in claims ? claims.session_id : null;
  if (sessionId !== null && !(typeof sessionId === 'string' && UUID.test(sessionId))) return undefined;
  return { userId: claims.sub, expiresAt: new Date(claims.exp * 1_000), sessionVersion, sessionId };
}
