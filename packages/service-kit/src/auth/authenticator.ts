import type { Queryable } from '@millrace/persistence';
import { LRUCache } from 'lru-cache';
import {
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
  /** A pool of either role. One short query per session and cache lifetime. */
  database: Queryable;
  /** At least 32 bytes; the same on every node. */
  jwtSecret: string;
  /** How long a user's scopes and an API key are believed; default 10 s, at most 30 s. */
  cacheSeconds?: number;
  /** Sessions, and keys, remembered at once; default 10,000 each. */
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
  /** A fresh access token for a session that has just proved to be live, under the session version of that moment. */
  issueAccessToken(session: { userId: string; sessionId: string; sessionVersion: number }): string;
  /** Drops what is remembered of a user, after an edit on this node. Other nodes follow when their cache expires. */
  forget(userId: string): void;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { database, jwtSecret, cacheSeconds = 10, cacheSize = 10_000 } = options;
  assertJwtSecret(jwtSecret);
  // A user forgotten in the middle of a look-up must not fail the request that waits for it.
  const cache = { max: cacheSize, ttl: Math.min(cacheSeconds, 30) * 1_000, ignoreFetchAbort: true };
  // `fetch` asks once for any number of callers that miss at the same time; what was not found is not remembered.
  let forgotten = 0;
  const accounts = new LRUCache<string, Account>({
    ...cache,
    fetchMethod: remembering((key) => {
      const [userId = '', sessionId] = key.split(' ');
      return readAccount(database, userId, sessionId ?? null);
    }),
  });
  const accountOf = (userId: string, sessionId: string | null): Promise<Account | undefined> =>
    accounts.fetch(sessionId === null ? userId : `${userId} ${sessionId}`);
  const keys = new LRUCache<string, CredentialRecord>({
    ...cache,
    fetchMethod: remembering((hash) => readApiKey(database, { hash: Buffer.from(hash, 'hex') })),
  });

  /** What is read while a user is forgotten may be from before their edit: it is answered with, and not kept. */
  function remembering<V extends object>(
    read: (key: string) => Promise<V | undefined>,
  ): LRUCache.Fetcher<string, V> {
    return async (key, _stale, { options }) => {
      const before = forgotten;
      const found = await read(key);
      if (forgotten !== before) options.ttl = 1;
      return found;
    };
  }

  async function authenticateClaims({
    userId,
    expiresAt,
    sessionVersion,
    sessionId,
  }: AccessTokenClaims): Promise<AuthenticationOutcome> {
    const limits = { expiresAt, ceiling: null, apiKeyId: null, sessionVersion, sessionId };
    return admit(await accountOf(userId, sessionId), limits);
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
        sessionId: principal.sessionId,
        lifetimeSeconds: TICKET_SECONDS,
      });
      return { ticket, expiresInSeconds: TICKET_SECONDS };
    },

    async recheck(principal) {
      const { expiresAt, ceiling, apiKeyId, sessionVersion, sessionId } = principal;
      const limits = { expiresAt, ceiling, apiKeyId, sessionVersion, sessionId };
      if (apiKeyId !== null) {
        const record = await readApiKey(database, { id: apiKeyId });
        return record ? admit(record.account, limits) : REJECTED;
      }
      return admit(await accountOf(principal.userId, sessionId), limits);
    },

    issueAccessToken: ({ userId, sessionId, sessionVersion }) =>
      signAccessToken(userId, jwtSecret, { sessionVersion, sessionId }),

    forget(userId) {
      forgotten += 1;
      for (const [key, account] of accounts.entries()) {
        if (account.userId === userId) accounts.delete(key);
      }
      for (const [hash, record] of keys.entries()) {
        if (record.account.userId === userId) keys.delete(hash);
      }
    },
  };
}
