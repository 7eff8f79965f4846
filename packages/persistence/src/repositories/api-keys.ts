import type { Scope } from '@millrace/contracts';
import { isUuid } from '../caller.js';
import { ApiKeyEntity, type ApiKeyRow } from '../entities/credentials.js';
import type { Session } from './session.js';
import { assertStorable } from './text.js';
import { toScopes, toUser, type User } from './users.js';

export interface ApiKey {
  id: string;
  userId: string;
  name: string;
  /** The first characters of the key, to recognise it by. */
  prefix: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  /** Exact to a minute. */
  lastUsedAt: Date | null;
}

export interface NewApiKey {
  userId: string;
  name: string;
  prefix: string;
  /** SHA-256 of the key, 32 bytes. */
  keyHash: Buffer;
  scopes: readonly Scope[];
  expiresAt?: Date | null | undefined;
}

export interface ApiKeyRepository {
  create(key: NewApiKey): Promise<ApiKey>;
  /** A user's keys, newest first, without revoked ones. */
  list(userId: string): Promise<ApiKey[]>;
  /** False when the user has no such key, or it was revoked before. */
  revoke(userId: string, keyId: string): Promise<boolean>;
  /** The key and its user; undefined for an unknown, revoked or expired key and for a deleted user's. */
  findByHash(keyHash: Buffer): Promise<{ key: ApiKey; user: User } | undefined>;
  /** Notes the use; writes at most once a minute per key. */
  touchLastUsed(keyId: string): Promise<void>;
}

function toApiKey(row: ApiKeyRow): ApiKey {
  const { id, userId, name, prefix, createdAt, expiresAt, lastUsedAt } = row;
  return { id, userId, name, prefix, scopes: toScopes(row.scopes), createdAt, expiresAt, lastUsedAt };
}

export function apiKeyRepository(session: Session): ApiKeyRepository {
  return {
    async create(key) {
      assertStorable({ name: key.name });
      const [inserted] = await session.rows<{ id: string }>(
        `INSERT INTO api_keys (user_id, name, prefix, key_hash, scopes, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [key.userId, key.name, key.prefix, key.keyHash, key.scopes, key.expiresAt ?? null],
      );
      const row = await session.manager
        .createQueryBuilder(ApiKeyEntity, 'k')
        .where('k.id = :id', { id: inserted?.id })
        .getOneOrFail();
      return toApiKey(row);
    },

    async list(userId) {
      const rows = await session.manager
        .createQueryBuilder(ApiKeyEntity, 'k')
        .where('k.userId = :userId AND k.revokedAt IS NULL', { userId })
        .orderBy('k.id', 'DESC')
        .getMany();
      return rows.map(toApiKey);
    },

    async revoke(userId, keyId) {
      if (!isUuid(keyId)) return false;
      const revoked = await session.affected(
        'UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL',
        [keyId, userId],
      );
      return revoked === 1;
    },

    async findByHash(keyHash) {
      const row = await session.manager
        .createQueryBuilder(ApiKeyEntity, 'k')
        .innerJoinAndSelect('k.user', 'u')
        .where('k.keyHash = :keyHash', { keyHash })
        .andWhere('k.revokedAt IS NULL AND (k.expiresAt IS NULL OR k.expiresAt > now())')
        .andWhere('u.deletedAt IS NULL')
        .getOne();
      return row?.user && { key: toApiKey(row), user: toUser(row.user) };
    },

    async touchLastUsed(keyId) {
      await session.affected(
        `UPDATE api_keys SET last_used_at = now()
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
        [keyId],
      );
    },
  };
}
