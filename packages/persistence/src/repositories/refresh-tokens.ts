import type { Session } from './session.js';

export interface NewRefreshToken {
  userId: string;
  /** SHA-256 of the token, 32 bytes. */
  tokenHash: Buffer;
  expiresAt: Date;
  /** The family to join; a new one without. */
  familyId?: string | undefined;
  /** The user's session version when they proved who they are. */
  sessionVersion?: number | undefined;
}

/**
 * `rotated`: the token was valid and is now used up, its successor stored. `forgiven`: it was used up less than 10 s
 * ago and no successor was used since, so the answer was lost; another successor is stored. `reused`: used up before,
 * so it leaked: the whole family is revoked. `revoked`: by log-out, by an administrator or by an earlier reuse.
 */
export type Rotation =
  | {
      kind: 'rotated' | 'forgiven';
      userId: string;
      familyId: string;
      expiresAt: Date;
      sessionVersion: number;
    }
  | { kind: 'reused' | 'revoked' | 'expired'; userId: string; familyId: string }
  | { kind: 'unknown' };

export interface RefreshTokenRepository {
  /** Undefined when the user's sessions were ended since: the password that was proved is no longer theirs. */
  issue(token: NewRefreshToken): Promise<{ familyId: string } | undefined>;
  /**
   * Exchanges a token for its successor. `expiresAt` is the successor's end; without it the family keeps its own.
   * Two exchanges of one token at the same moment: the second waits for the first, and is forgiven.
   */
  rotate(tokenHash: Buffer, newHash: Buffer, expiresAt?: Date): Promise<Rotation>;
  /** The family of a token, for log-out, whatever the token's state. */
  findFamily(tokenHash: Buffer): Promise<{ familyId: string; userId: string } | undefined>;
  /** How many tokens it ended. */
  revokeFamily(familyId: string): Promise<number>;
  revokeUser(userId: string): Promise<number>;
}

/** How long a repeat of a token whose answer was lost is forgiven. */
export const FORGIVENESS_SECONDS = 10;

interface Presented {
  id: string;
  family_id: string;
  user_id: string;
  expires_at: Date;
  session_version: number;
  state: 'fresh' | 'revoked' | 'expired' | 'lost' | 'reused';
}

export function refreshTokenRepository(session: Session): RefreshTokenRepository {
  /** Ends every token of a family or of a user, those included that a rotation is just issuing. */
  async function revoke(on: Session, column: 'family_id' | 'user_id', id: string): Promise<number> {
    return on.atomically(async (transaction) => {
      await lockUser(transaction, column, id);
      return transaction.affected(
        `UPDATE refresh_tokens SET revoked_at = now() WHERE ${column} = $1 AND revoked_at IS NULL`,
        [id],
      );
    });
  }

  async function insert(on: Session, token: NewRefreshToken): Promise<string> {
    const [row] = await on.rows<{ family_id: string }>(
      `INSERT INTO refresh_tokens (family_id, user_id, token_hash, expires_at)
       VALUES (coalesce($1::uuid, uuid7()), $2, $3, $4) RETURNING family_id`,
      [token.familyId ?? null, token.userId, token.tokenHash, token.expiresAt],
    );
    if (!row) throw new Error('the insert of a refresh token answered with no row');
    return row.family_id;
  }

  return {
    async issue(token) {
      return session.atomically(async (transaction) => {
        // Of a new password that is being set at this moment, this waits for it, or it waits for this and revokes it.
        const [current] = await transaction.rows<{ session_version: number }>(
          'SELECT session_version FROM users WHERE id = $1 FOR SHARE',
          [token.userId],
        );
        const { sessionVersion } = token;
        if (sessionVersion !== undefined && current?.session_version !== sessionVersion) return undefined;
        return { familyId: await insert(transaction, token) };
      });
    },

    async rotate(tokenHash, newHash, expiresAt) {
      return session.atomically(async (transaction): Promise<Rotation> => {
        await lockUser(transaction, 'token_hash', tokenHash);
        const [token] = await transaction.rows<Presented>(PRESENT, [tokenHash, FORGIVENESS_SECONDS]);
        if (!token) return { kind: 'unknown' };
        const of = { userId: token.user_id, familyId: token.family_id };
        if (token.state === 'revoked' || token.state === 'expired') return { kind: token.state, ...of };
        if (token.state === 'reused') {
          await revoke(transaction, 'family_id', token.family_id);
          return { kind: 'reused', ...of };
        }
        const successor = { ...of, expiresAt: expiresAt ?? token.expires_at };
        await transaction.affected(
          'UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE id = $1 AND used_at IS NULL',
          [token.id],
        );
        await insert(transaction, { ...successor, tokenHash: newHash });
        const kind = token.state === 'fresh' ? 'rotated' : 'forgiven';
        return { kind, ...successor, sessionVersion: token.session_version };
      });
    },

    async findFamily(tokenHash) {
      const [row] = await session.rows<{ family_id: string; user_id: string }>(
        'SELECT family_id, user_id FROM refresh_tokens WHERE token_hash = $1',
        [tokenHash],
      );
      return row && { familyId: row.family_id, userId: row.user_id };
    },

    revokeFamily: (familyId) => revoke(session, 'family_id', familyId),
    revokeUser: (userId) => revoke(session, 'user_id', userId),
  };
}

/**
 * Lets one transaction at a time rotate or revoke a user's tokens. Row locks would not do: a revocation does not see
 * the successor that a rotation beside it inserts. The statements after this one see what others did before.
 */
async function lockUser(
  transaction: Session,
  column: 'family_id' | 'user_id' | 'token_hash',
  value: string | Buffer,
): Promise<void> {
  await transaction.rows(
    `SELECT pg_advisory_xact_lock(hashtextextended('millrace.tokens.' || user_id, 0))
     FROM refresh_tokens WHERE ${column} = $1 LIMIT 1`,
    [value],
  );
}

/** Tells what a presented token is. `clock_timestamp`: the wait for the lock may have been long. */
const PRESENT = `
  SELECT token.id, token.family_id, token.user_id, token.expires_at, owner.session_version,
    CASE
      WHEN token.revoked_at IS NOT NULL THEN 'revoked'
      WHEN token.expires_at <= clock_timestamp() THEN 'expired'
      WHEN token.used_at IS NULL THEN 'fresh'
      WHEN token.used_at > clock_timestamp() - make_interval(secs => $2) AND NOT EXISTS (
        SELECT 1 FROM refresh_tokens later
        WHERE later.family_id = token.family_id AND later.id > token.id AND later.used_at IS NOT NULL
      ) THEN 'lost'
      ELSE 'reused'
    END AS state
  FROM refresh_tokens token JOIN users owner ON owner.id = token.user_id WHERE token.token_hash = $1`;
