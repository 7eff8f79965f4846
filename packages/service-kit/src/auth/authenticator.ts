import type { Queryable } from '@millrace/persistence';
import { LRUCache } from 'lru-cache';
import {
  ACCESS_TOKEN_SECONDS,
  type AccessTokenClaims,
  assertJwtSecret,
  signAccessToken,
  verifyAccessToken,
} from './access-token.js';
import { admit, REJECTED, type Account, type AuthenticationOutcome, type Principal } from './principal.js';
import { insertTicket, readAccount, readApiKey, takeTicket, type CredentialRecord } from './queries.js';
import { generateTicket, hashSecret, looksLikeApiKey, parseTicket } from './secrets.js';

export const TICKET_SECONDS = 30;

export interface AuthenticatorOptions {
  /** A pool of either role. One short query per user and cache lifetime. */
  database: Queryable;
  /** At least 32 bytes; the same on every node. */
  jwtSecret: string;
  /** How long a user's scopes and an API key are believed; default 10 s, at most 30 s. */
  cacheSeconds?: number;
  /** Users, and keys, remembered at once; default 10,000 each. */
  cacheSize?: number;
}

/**
 * Who a credential belongs to. Every method answers with an outcome; only a database that cannot be reached rejects,
 * with its own error.
 */
export interface Authenticator {
  /** A JWT or an API key, as it stands behind `Bearer` or in the subprotocol. */
  authenticate(credential: string): Promise<AuthenticationOutcome>;
  /** For a JWT that something else (passport-jwt) has verified. */
  authenticateClaims(claims: AccessTokenClaims): Promise<AuthenticationOutcome>;
  /** For a text that `looksLikeApiKey`. */
  authenticateApiKey(key: string): Promise<AuthenticationOutcome>;
  /** Redeems a one-use ticket. A second try with the same text is rejected. */
  redeemTicket(ticket: string): Promise<AuthenticationOutcome>;
  /** A ticket for this caller: lives 30 s, allows no more than they may, ends when their credential does. */
  issueTicket(principal: Principal): Promise<{ ticket: string; expiresInSeconds: number }>;
  /** Whether a session that goes on may still do so, and what it may do now: for sockets, every 30 s or sooner. */
  recheck(principal: Principal): Promise<AuthenticationOutcome>;
  /** A fresh access token for a user who has just proved who they are, under the session version of that moment. */
  issueAccessToken(userId: string, sessionVersion: number): string;
  /** Drops what is remembered of a user, after an edit on this node. Other nodes follow when their cache expires. */
  forget(userId: string): void;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { database, jwtSecret, cacheSeconds = 10, cacheSize = 10_000 } = options;
  assertJwtSecret(jwtSecret);
  // A user forgotten in the middle of a look-up must not fail the request that waits for it.
  const cache = { max: cacheSize, ttl: Math.min(cacheSeconds, 30) * 1_000, ignoreFetchAbort: true };
  // `fetch` asks once for any number of callers that miss at the same time; what was not found is not remembered.
  const accounts = new LRUCache<string, Account>({
    ...cache,
    fetchMethod: (userId) => readAccount(database, userId),
  });
  const keys = new LRUCache<string, CredentialRecord>({
    ...cache,
    fetchMethod: (hash) => readApiKey(database, { hash: Buffer.from(hash, 'hex') }),
  });

  async function authenticateClaims({
    userId,
    expiresAt,
    sessionVersion,
  }: AccessTokenClaims): Promise<AuthenticationOutcome> {
    return admit(await accounts.fetch(userId), { expiresAt, ceiling: null, apiKeyId: null, sessionVersion });
  }

  async function authenticateApiKey(key: string): Promise<AuthenticationOutcome> {
    const record = await keys.fetch(hashSecret(key).toString('hex'));
    return record ? admit(record.account, record.limits) : REJECTED;
  }

  return {
    authenticateClaims,
    authenticateApiKey,

    async authenticate(credential) {
      if (looksLikeApiKey(credential)) return authenticateApiKey(credential);
      const claims = verifyAccessToken(credential, jwtSecret);
      return claims ? authenticateClaims(claims) : REJECTED;
    },

    async redeemTicket(ticket) {
      const parsed = parseTicket(ticket);
      if (!parsed) return REJECTED;
      const record = await takeTicket(database, hashSecret(ticket), parsed.apiKeyId);
      return record ? admit(record.account, record.limits) : REJECTED;
    },

    async issueTicket(principal) {
      const ticket = generateTicket(principal.apiKeyId);
      await insertTicket(database, {
        hash: hashSecret(ticket),
        userId: principal.userId,
        scopes: principal.scopes,
        sessionExpiresAt: principal.expiresAt,
        sessionVersion: principal.sessionVersion,
        lifetimeSeconds: TICKET_SECONDS,
      });
      return { ticket, expiresInSeconds: TICKET_SECONDS };
    },

    async recheck(principal) {
      const { expiresAt, ceiling, apiKeyId, sessionVersion } = principal;
      const limits = { expiresAt, ceiling, apiKeyId, sessionVersion };
      if (apiKeyId !== null) {
        const record = await readApiKey(database, { id: apiKeyId });
        return record ? admit(record.account, limits) : REJECTED;
      }
      return admit(await accounts.fetch(principal.userId), limits);
    },

    issueAccessToken: (userId, sessionVersion) =>
      signAccessToken(userId, jwtSecret, ACCESS_TOKEN_SECONDS, sessionVersion),

    forget(userId) {
      accounts.delete(userId);
      for (const [hash, record] of keys.entries()) {
        if (record.account.userId === userId) keys.delete(hash);
      }
    },
  };
}
