import type { Caller } from '../caller.js';
import { fetchSize, InvalidCursorError, pageOf, type Page, type PageRequest } from '../paging.js';
import type { Keyring } from '../secrets/keyring.js';
import { placeOfSecret } from '../secrets/place.js';
import type { Session } from './session.js';
import { assertStorable, isStorable } from './text.js';

/** All of a secret but its value. */
export interface SecretRecord {
  name: string;
  description: string;
  owner: string;
  /** Counts the values it has had. */
  version: number;
  createdAt: Date;
  createdBy: string;
  updatedAt: Date;
  updatedBy: string;
  /** By a step; exact to a minute. */
  lastUsedAt: Date | null;
}

export interface NewSecret {
  ownerId: string;
  name: string;
  value: string;
  /** Left as it is without one. */
  description?: string | undefined;
}

export type SecretWrite =
  { kind: 'created' | 'replaced'; secret: SecretRecord } | { kind: 'too_many'; limit: number };

/** What one owner may have. */
export const MAX_SECRETS = 1_000;
const MAX_USERS_SHOWN = 100;

export interface SecretRepository {
  /** By name. */
  list(ownerId: string, request: PageRequest): Promise<Page<SecretRecord>>;
  get(ownerId: string, name: string): Promise<SecretRecord | undefined>;
  put(keyring: Keyring, secret: NewSecret): Promise<SecretWrite>;
  /** False when there was none. */
  delete(ownerId: string, name: string): Promise<boolean>;
  /** The owner's workflows whose newest version names it, by id; at most 100. */
  usedBy(ownerId: string, name: string): Promise<{ id: string; name: string }[]>;
}

interface SecretRow {
  name: string;
  description: string;
  owner: string;
  version: number;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  updated_by: string;
  last_used_at: Date | null;
}

const SELECT = `
  SELECT s.name, s.description, o.username AS owner, s.version, s.created_at, c.username AS created_by,
    s.updated_at, u.username AS updated_by, s.last_used_at
  FROM secrets s JOIN users o ON o.id = s.owner_id JOIN users c ON c.id = s.created_by JOIN users u ON u.id = s.updated_by`;

function toRecord(row: SecretRow): SecretRecord {
  const { name, description, owner, version } = row;
  return {
    ...{ name, description, owner, version },
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
    lastUsedAt: row.last_used_at,
  };
}

export function secretRepository(session: Session, caller: Caller): SecretRepository {
  async function get(ownerId: string, name: string): Promise<SecretRecord | undefined> {
    if (!isStorable(name)) return undefined;
    const [row] = await session.rows<SecretRow>(`${SELECT} WHERE s.owner_id = $1 AND s.name = $2`, [
      ownerId,
      name,
    ]);
    return row && toRecord(row);
  }

  return {
    get,

    async list(ownerId, request) {
      const { cursor = '' } = request;
      if (!isStorable(cursor)) throw new InvalidCursorError();
      const rows = await session.rows<SecretRow>(
        `${SELECT} WHERE s.owner_id = $1 AND s.name > $2 ORDER BY s.name LIMIT $3`,
        [ownerId, cursor, fetchSize(request)],
      );
      return pageOf(rows, request, (row) => row.name, toRecord);
    },

    async put(keyring, { ownerId, name, value, description }) {
      assertStorable({ description });
      // The owner's name is the lock: two first values at once must not both see none, nor pass the limit together.
      await session.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 8))', [ownerId]);
      const [known] = await session.rows<{ id: string }>(
        'SELECT id FROM secrets WHERE owner_id = $1 AND name = $2',
        [ownerId, name],
      );
      const [fresh] =
        known === undefined
          ? await session.rows<{ id: string; count: number }>(
              'SELECT uuid7() AS id, (SELECT count(*) FROM secrets WHERE owner_id = $1)::int AS count',
              [ownerId],
            )
          : [];
      if (fresh !== undefined && fresh.count >= MAX_SECRETS) return { kind: 'too_many', limit: MAX_SECRETS };
      const id = known?.id ?? fresh?.id ?? '';
      const { keyId, nonce, ciphertext, tag } = keyring.seal(value, placeOfSecret({ id, ownerId, name }));
      await session.affected(known === undefined ? INSERT : UPDATE, [
        ...[id, ownerId, name, description ?? null, keyId, nonce, ciphertext, tag, caller.userId],
      ]);
      const secret = await get(ownerId, name);
      if (secret === undefined) throw new Error('a secret was written and is not there');
      return { kind: known === undefined ? 'created' : 'replaced', secret };
    },

    async delete(ownerId, name) {
      if (!isStorable(name)) return false;
      const deleted = await session.affected('DELETE FROM secrets WHERE owner_id = $1 AND name = $2', [
        ownerId,
        name,
      ]);
      return deleted === 1;
    },

    usedBy: (ownerId, name) =>
      session.rows<{ id: string; name: string }>(
        `SELECT id, name FROM workflows
         WHERE owner_id = $1 AND deleted_at IS NULL AND secret_names @> ARRAY[$2::text]
         ORDER BY id LIMIT ${MAX_USERS_SHOWN}`,
        [ownerId, name],
      ),
  };
}

const INSERT = `
  INSERT INTO secrets (id, owner_id, name, description, key_id, nonce, ciphertext, tag, created_by, updated_by)
  VALUES ($1, $2, $3, coalesce($4, ''), $5, $6, $7, $8, $9, $9)`;

const UPDATE = `
  UPDATE secrets SET description = coalesce($4, description), key_id = $5, nonce = $6, ciphertext = $7, tag = $8,
    version = version + 1, updated_at = now(), updated_by = $9
  WHERE id = $1 AND owner_id = $2 AND name = $3`;
