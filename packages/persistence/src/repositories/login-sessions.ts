import { isUuid } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';

/** Where a session was used from, as the request told. */
export interface SeenFrom {
  address: string | null;
  userAgent: string | null;
}

/** One log-in, from its password to its end. */
export interface LoginSession extends SeenFrom {
  id: string;
  createdAt: Date;
  /** When its refresh token was last exchanged: as exact as access tokens are short. */
  lastUsedAt: Date;
  expiresAt: Date;
}

export interface NewLoginSession extends SeenFrom {
  userId: string;
  /** The user's session version when they proved who they are. */
  sessionVersion: number;
  /** SHA-256 of the first refresh token, 32 bytes. */
  tokenHash: Buffer;
  expiresAt: Date;
}

export interface Renewed {
  userId: string;
  sessionId: string;
  expiresAt: Date;
  /** The user's, at this moment. */
  sessionVersion: number;
}

/**
 * `rotated`: the token was valid and is now used up, its successor stored. `forgiven`: it was used up less than 10 s
 * ago and no successor was used since, so the answer was lost; another successor is stored. `reused`: used up before,
 * so it leaked: the whole session is ended. `ended`: by log-out, by an administrator or by an earlier reuse.
 */
export type Rotation =
  | ({ kind: 'rotated' | 'forgiven' } & Renewed)
  | { kind: 'reused' | 'ended' | 'expired'; userId: string; sessionId: string }
  | { kind: 'unknown' };

/** Sessions and their refresh tokens, of which each is good for one exchange. */
export interface LoginSessionRepository {
  /** Undefined when the user's sessions were ended since: the password that was proved is no longer theirs. */
  begin(session: NewLoginSession): Promise<{ sessionId: string } | undefined>;
  /**
   * Exchanges a token for its successor; the end of the session stays. Two exchanges of one token at the same moment: the
   * second waits for the first, and is forgiven.
   */
  rotate(tokenHash: Buffer, newHash: Buffer, seen: SeenFrom): Promise<Rotation>;
  /** Gives a live session another token; the earlier ones count as used up just now. Undefined when it is not live. */
  renew(sessionId: string, newHash: Buffer): Promise<Renewed | undefined>;
  /** The session of a token, for log-out, whatever the token's state. */
  find(tokenHash: Buffer): Promise<{ sessionId: string; userId: string } | undefined>;
  /** The live ones of a user, the newest log-in first. */
  list(userId: string, request: PageRequest): Promise<Page<LoginSession>>;
  /** False when the user has no such live session. */
  end(userId: string, sessionId: string): Promise<boolean>;
  /** How many sessions of the user it ended: all but the one to keep. */
  endAll(userId: string, keep?: string): Promise<number>;
}

/** How long a repeat of a token whose answer was lost is forgiven. */
export const FORGIVENESS_SECONDS = 10;

interface Presented {
  token_id: string;
  session_id: string;
  user_id: string;
  expires_at: Date;
  session_version: number;
  state: 'fresh' | 'ended' | 'expired' | 'lost' | 'reused';
}

export function loginSessionRepository(session: Session): LoginSessionRepository {
  async function insertToken(on: Session, sessionId: string, tokenHash: Buffer): Promise<void> {
    await on.affected('INSERT INTO refresh_tokens (session_id, token_hash) VALUES ($1, $2)', [
      sessionId,
      tokenHash,
    ]);
  }

  async function end(on: Session, userId: string, sessionId: string): Promise<boolean> {
    const ended = await on.affected(
      `UPDATE sessions SET ended_at = now()
       WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > now()`,
      [sessionId, userId],
    );
    return ended === 1;
  }

  return {
    begin: ({ userId, sessionVersion, tokenHash, expiresAt, address, userAgent }) =>
      session.atomically(async (transaction) => {
        // Of a new password that is being set at this moment, this waits for it, or it waits for this and ends it.
        const [current] = await transaction.rows<{ session_version: number }>(
          'SELECT session_version FROM users WHERE id = $1 FOR SHARE',
          [userId],
        );
        if (current?.session_version !== sessionVersion) return undefined;
        const [row] = await transaction.rows<{ id: string }>(
          `INSERT INTO sessions (user_id, expires_at, address, user_agent) VALUES ($1, $2, $3, $4) RETURNING id`,
          [userId, expiresAt, address, userAgent],
        );
        if (!row) throw new Error('the insert of a session answered with no row');
        await insertToken(transaction, row.id, tokenHash);
        return { sessionId: row.id };
      }),

    rotate: (tokenHash, newHash, { address, userAgent }) =>
      session.atomically(async (transaction): Promise<Rotation> => {
        // One rotation or end of a session at a time. The statements after this one see what others did before.
        await transaction.rows(
          'SELECT 1 FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = $1) FOR UPDATE',
          [tokenHash],
        );
        const [token] = await transaction.rows<Presented>(PRESENT, [tokenHash, FORGIVENESS_SECONDS]);
        if (!token) return { kind: 'unknown' };
        const of = { userId: token.user_id, sessionId: token.session_id };
        if (token.state === 'ended' || token.state === 'expired') return { kind: token.state, ...of };
        if (token.state === 'reused') {
          await end(transaction, of.userId, of.sessionId);
          return { kind: 'reused', ...of };
        }
        await transaction.affected(
          'UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE id = $1 AND used_at IS NULL',
          [token.token_id],
        );
        await insertToken(transaction, of.sessionId, newHash);
        await transaction.affected(
          'UPDATE sessions SET last_used_at = clock_timestamp(), address = $2, user_agent = $3 WHERE id = $1',
          [of.sessionId, address, userAgent],
        );
        const kind = token.state === 'fresh' ? 'rotated' : 'forgiven';
        return { kind, ...of, expiresAt: token.expires_at, sessionVersion: token.session_version };
      }),

    renew: (sessionId, newHash) =>
      session.atomically(async (transaction) => {
        const [live] = await transaction.rows<Omit<Presented, 'token_id' | 'state'>>(
          `SELECT s.id AS session_id, s.user_id, s.expires_at, owner.session_version
           FROM sessions s JOIN users owner ON owner.id = s.user_id
           WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now() FOR UPDATE OF s`,
          [sessionId],
        );
        if (!live) return undefined;
        await transaction.affected(
          'UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE session_id = $1 AND used_at IS NULL',
          [sessionId],
        );
        await insertToken(transaction, sessionId, newHash);
        const { user_id: userId, expires_at: expiresAt, session_version: sessionVersion } = live;
        return { userId, sessionId, expiresAt, sessionVersion };
      }),

    async find(tokenHash) {
      const [row] = await session.rows<{ session_id: string; user_id: string }>(
        `SELECT s.id AS session_id, s.user_id FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
         WHERE t.token_hash = $1`,
        [tokenHash],
      );
      return row && { sessionId: row.session_id, userId: row.user_id };
    },

    async list(userId, request) {
      const rows = await session.rows<SessionRow>(
        `SELECT id, created_at, last_used_at, expires_at, address, user_agent FROM sessions
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [userId, uuidCursor(request.cursor) ?? null, fetchSize(request)],
      );
      return pageOf(rows, request, ({ id }) => id, toLoginSession);
    },

    end: async (userId, sessionId) => isUuid(sessionId) && end(session, userId, sessionId),

    endAll: (userId, keep) =>
      session.affected(
        `UPDATE sessions SET ended_at = now()
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now() AND id IS DISTINCT FROM $2`,
        [userId, keep ?? null],
      ),
  };
}

interface SessionRow {
  id: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  address: string | null;
  user_agent: string | null;
}

function toLoginSession(row: SessionRow): LoginSession {
  return {
    ...{ id: row.id, createdAt: row.created_at, lastUsedAt: row.last_used_at, expiresAt: row.expires_at },
    ...{ address: row.address, userAgent: row.user_agent },
  };
}

/** Tells what a presented token is. `clock_timestamp`: the wait for the lock may have been long. */
const PRESENT = `
  SELECT token.id AS token_id, session.id AS session_id, session.user_id, session.expires_at, owner.session_version,
    CASE
      WHEN session.ended_at IS NOT NULL THEN 'ended'
      WHEN session.expires_at <= clock_timestamp() THEN 'expired'
      WHEN token.used_at IS NULL THEN 'fresh'
      WHEN token.used_at > clock_timestamp() - make_interval(secs => $2) AND NOT EXISTS (
        SELECT 1 FROM refresh_tokens later
        WHERE later.session_id = token.session_id AND later.id > token.id AND later.used_at IS NOT NULL
      ) THEN 'lost'
      ELSE 'reused'
    END AS state
  FROM refresh_tokens token JOIN sessions session ON session.id = token.session_id
    JOIN users owner ON owner.id = session.user_id
  WHERE token.token_hash = $1`;
