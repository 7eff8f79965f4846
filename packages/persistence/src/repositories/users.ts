import { SCOPES, type Scope } from '@millrace/contracts';
import type { QueryDeepPartialEntity, SelectQueryBuilder } from 'typeorm';
import { UserEntity, type UserRow } from '../entities/user.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import { isUuid } from '../caller.js';
import type { Session } from './session.js';
import { assertStorable, isStorable } from './text.js';

export interface User {
  id: string;
  username: string;
  email: string | null;
  fullName: string | null;
  passwordHash: string;
  scopes: Scope[];
  disabled: boolean;
  /** What access tokens issued now are good for: those of an older version are refused. */
  sessionVersion: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewUser {
  username: string;
  passwordHash: string;
  scopes: readonly Scope[];
  email?: string | null | undefined;
  fullName?: string | null | undefined;
  disabled?: boolean | undefined;
  /** The administrator who made it; none for the platform's own. */
  createdBy?: string | undefined;
}

/** What is not given stays as it is; null empties it. */
export interface UserChanges {
  passwordHash?: string | undefined;
  scopes?: readonly Scope[] | undefined;
  disabled?: boolean | undefined;
  email?: string | null | undefined;
  fullName?: string | null | undefined;
  /** True ends every access token issued before, by raising the session version. */
  endSessions?: boolean | undefined;
}

export interface UserRepository {
  /** Letter case does not matter. Undefined for unknown and for deleted users. */
  findByUsername(username: string): Promise<User | undefined>;
  findById(id: string): Promise<User | undefined>;
  /** By age, oldest first. Deleted users are left out. */
  list(request: PageRequest): Promise<Page<User>>;
  /** `taken` when the name is in use, also by a deleted user and in another letter case. */
  create(user: NewUser): Promise<{ kind: 'created'; user: User } | { kind: 'taken' }>;
  /** Inserts the user unless the name exists; an existing one is left as it is. `created` tells which. */
  ensureUser(user: NewUser): Promise<{ user: User; created: boolean }>;
  /** Undefined when there is no such user. Leaves sessions alone: see sessions.endAll. */
  update(id: string, changes: UserChanges, actorId?: string): Promise<User | undefined>;
  /**
   * Sets a password and ends every access token issued before; answers the new session version. Undefined when the
   * sessions were ended since, as by another new password: whoever knew the old one has no say any more.
   */
  changePassword(
    id: string,
    change: { passwordHash: string; sessionVersion: number },
  ): Promise<number | undefined>;
  /** Soft: the row and its name stay. False when there was no such user. */
  softDelete(id: string, actorId?: string): Promise<boolean>;
}

const known: ReadonlySet<string> = new Set(SCOPES);
const isScope = (text: string): text is Scope => known.has(text);

/** A scope this build does not know grants nothing, so it is not shown either. */
export function toScopes(stored: readonly string[]): Scope[] {
  return stored.filter(isScope);
}

export function toUser(row: UserRow): User {
  const { id, username, email, fullName, passwordHash, disabled, sessionVersion, createdAt, updatedAt } = row;
  const scopes = toScopes(row.scopes);
  return {
    ...{ id, username, email, fullName, passwordHash, scopes, disabled, sessionVersion },
    ...{ createdAt, updatedAt },
  };
}

export function userRepository(session: Session): UserRepository {
  const users = (): SelectQueryBuilder<UserRow> =>
    session.manager.createQueryBuilder(UserEntity, 'u').where('u.deletedAt IS NULL');

  async function findByUsername(username: string): Promise<User | undefined> {
    if (!isStorable(username)) return undefined;
    const row = await users().andWhere('lower(u.username) = lower(:username)', { username }).getOne();
    return row ? toUser(row) : undefined;
  }

  async function findById(id: string): Promise<User | undefined> {
    if (!isUuid(id)) return undefined;
    const row = await users().andWhere('u.id = :id', { id }).getOne();
    return row ? toUser(row) : undefined;
  }

  async function insert(user: NewUser): Promise<boolean> {
    assertStorable({ username: user.username, email: user.email, full_name: user.fullName });
    const inserted = await session.affected(
      `INSERT INTO users (username, email, full_name, password_hash, scopes, disabled, created_by, updated_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING`,
      [
        user.username,
        user.email ?? null,
        user.fullName ?? null,
        user.passwordHash,
        user.scopes,
        user.disabled ?? false,
        user.createdBy ?? null,
      ],
    );
    return inserted === 1;
  }

  return {
    findByUsername,
    findById,

    async list(request) {
      const after = uuidCursor(request.cursor);
      const query = users().orderBy('u.id', 'ASC').limit(fetchSize(request));
      if (after !== undefined) query.andWhere('u.id > :after', { after });
      return pageOf(await query.getMany(), request, (row) => row.id, toUser);
    },

    async create(user) {
      if (!(await insert(user))) return { kind: 'taken' };
      const created = await findByUsername(user.username);
      return created ? { kind: 'created', user: created } : { kind: 'taken' };
    },

    async ensureUser(user) {
      const created = await insert(user);
      const found = await findByUsername(user.username);
      if (!found) throw new Error(`The user name "${user.username}" belongs to a deleted user`);
      return { user: found, created };
    },

    async update(id, changes, actorId) {
      if (!isUuid(id)) return undefined;
      assertStorable({ email: changes.email, full_name: changes.fullName });
      const set: QueryDeepPartialEntity<UserRow> = { updatedBy: actorId ?? null };
      if (changes.passwordHash !== undefined) set.passwordHash = changes.passwordHash;
      if (changes.scopes !== undefined) set.scopes = [...changes.scopes];
      if (changes.disabled !== undefined) set.disabled = changes.disabled;
      if (changes.email !== undefined) set.email = changes.email;
      if (changes.fullName !== undefined) set.fullName = changes.fullName;
      if (changes.endSessions === true) set.sessionVersion = () => 'session_version + 1';
      await session.manager
        .createQueryBuilder()
        .update(UserEntity)
        .set(set)
        .where('id = :id AND deleted_at IS NULL', { id })
        .execute();
      return findById(id);
    },

    async changePassword(id, { passwordHash, sessionVersion }) {
      const [row] = await session.rows<{ session_version: number }>(
        `UPDATE users SET password_hash = $2, session_version = session_version + 1, updated_by = $1
         WHERE id = $1 AND session_version = $3 AND deleted_at IS NULL RETURNING session_version`,
        [id, passwordHash, sessionVersion],
      );
      return row?.session_version;
    },

    async softDelete(id, actorId) {
      if (!isUuid(id)) return false;
      const changed = await session.affected(
        'UPDATE users SET deleted_at = now(), updated_by = $2 WHERE id = $1 AND deleted_at IS NULL',
        [id, actorId ?? null],
      );
      return changed === 1;
    },
  };
}
