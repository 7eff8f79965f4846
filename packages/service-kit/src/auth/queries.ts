import type { Scope } from '@millrace/contracts';
import type { Queryable } from '@millrace/persistence';
import { knownScopes, type Account, type CredentialLimits } from './principal.js';

/**
 * The look-ups behind authentication, on any role: these tables have no row-level security. Raw and one statement
 * each, because every request may need one.
 */

interface AccountRow {
  user_id: string;
  username: string;
  user_scopes: string[];
  disabled: boolean;
  session_version: number;
  session_is_live: boolean;
}

/** Beside `users u`; `session` is the id of the session, null for none. */
const account = (session: string): string => `
  u.id AS user_id, u.username, u.scopes AS user_scopes, u.disabled, u.session_version,
  ${session} IS NULL OR EXISTS (
    SELECT 1 FROM sessions s
    WHERE s.id = ${session} AND s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > now()) AS session_is_live`;

const ACCOUNT_BY_ID = `SELECT ${account('$2::uuid')} FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL`;

export async function readAccount(
  database: Queryable,
  userId: string,
  sessionId: string | null,
): Promise<Account | undefined> {
  const { rows } = await database.query<AccountRow>(ACCOUNT_BY_ID, [userId, sessionId]);
  return rows[0] && toAccount(rows[0]);
}

export interface CredentialRecord {
  readonly account: Account;
  readonly limits: CredentialLimits;
}

interface KeyRow extends AccountRow {
  key_id: string;
  key_scopes: string[];
  expires_at: Date | null;
}

/** Also notes the use, at most once a minute, so that a busy key does not rewrite its row. */
const API_KEY = (condition: string): string => `
  WITH used AS (
    UPDATE api_keys SET last_used_at = now()
    WHERE ${condition} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
  )
  SELECT k.id AS key_id, k.scopes AS key_scopes, k.expires_at, ${account('NULL::uuid')}
  FROM api_keys k JOIN users u ON u.id = k.user_id
  WHERE k.${condition} AND k.revoked_at IS NULL AND u.deleted_at IS NULL`;
const API_KEY_BY_HASH = API_KEY('key_hash = $1');
const API_KEY_BY_ID = API_KEY('id = $1');

export async function readApiKey(
  database: Queryable,
  by: { hash: Buffer } | { id: string },
): Promise<CredentialRecord | undefined> {
  const { rows } =
    'hash' in by
      ? await database.query<KeyRow>(API_KEY_BY_HASH, [by.hash])
      : await database.query<KeyRow>(API_KEY_BY_ID, [by.id]);
  const row = rows[0];
  if (!row) return undefined;
  return {
    account: toAccount(row),
    limits: {
      expiresAt: row.expires_at,
      ceiling: knownScopes(row.key_scopes),
      apiKeyId: row.key_id,
      sessionVersion: null,
      sessionId: null,
    },
  };
}

export interface NewTicket {
  hash: Buffer;
  userId: string;
  scopes: readonly Scope[];
  sessionExpiresAt: Date | null;
  sessionVersion: number | null;
  sessionId: string | null;
  lifetimeSeconds: number;
}

/** A session without an end is stored as `infinity`: the column takes no null. */
export async function insertTicket(database: Queryable, ticket: NewTicket): Promise<void> {
  await database.query(
    `INSERT INTO stream_tickets (ticket_hash, user_id, scopes, session_expires_at, expires_at, session_version, session_id)
     VALUES ($1, $2, $3, coalesce($4, 'infinity'::timestamptz), now() + make_interval(secs => $5), $6, $7)`,
    [
      ...[ticket.hash, ticket.userId, ticket.scopes, ticket.sessionExpiresAt],
      ...[ticket.lifetimeSeconds, ticket.sessionVersion, ticket.sessionId],
    ],
  );
}

interface TicketRow extends AccountRow {
  ticket_scopes: string[];
  session_expires_at: Date | null;
  ticket_session_version: number | null;
  ticket_session_id: string | null;
}

/** Takes the ticket out of the world: of two that present it at once, one succeeds. */
export async function takeTicket(
  database: Queryable,
  hash: Buffer,
  apiKeyId: string | null,
): Promise<CredentialRecord | undefined> {
  const { rows } = await database.query<TicketRow>(
    `DELETE FROM stream_tickets t USING users u
     WHERE t.ticket_hash = $1 AND t.expires_at > now() AND u.id = t.user_id AND u.deleted_at IS NULL
     RETURNING t.scopes AS ticket_scopes, nullif(t.session_expires_at, 'infinity') AS session_expires_at,
       t.session_version AS ticket_session_version, t.session_id AS ticket_session_id,
       ${account('t.session_id')}`,
    [hash],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    account: toAccount(row),
    limits: {
      expiresAt: row.session_expires_at,
      ceiling: knownScopes(row.ticket_scopes),
      apiKeyId,
      sessionVersion: row.ticket_session_version,
      sessionId: row.ticket_session_id,
    },
  };
}

function toAccount(row: AccountRow): Account {
  return {
    userId: row.user_id,
    username: row.username,
    scopes: knownScopes(row.user_scopes),
    disabled: row.disabled,
    sessionVersion: row.session_version,
    sessionIsLive: row.session_is_live,
  };
}
