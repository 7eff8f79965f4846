import type { createUserRequest, Scope, updateUserRequest, UserResource } from '@millrace/contracts';
import type { Page, User, UserChanges } from '@millrace/persistence';
import { conflict, forbidden, notFound, type Principal } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { isoTime } from '../http/dates.js';
import type * as z from 'zod';

type NewUser = z.output<typeof createUserRequest>;
type Changes = z.output<typeof updateUserRequest>;

export interface Users {
  list(page: { limit: number; cursor?: string | undefined }): Promise<Page<User>>;
  get(name: string): Promise<User>;
  create(caller: Principal, user: NewUser): Promise<User>;
  update(caller: Principal, name: string, changes: Changes): Promise<User>;
}

/**
 * Accounts, for holders of `user:manage`. Without `platform:admin` they can neither give scopes they do not hold nor
 * touch an account that holds such: otherwise managing users would be a way to every right.
 */
export function createUsers({
  db,
  authenticator,
  passwords,
}: Pick<GatewayContext, 'db' | 'authenticator' | 'passwords'>): Users {
  async function get(name: string): Promise<User> {
    const user = await db.asPlatform(({ users }) => users.findByUsername(name));
    if (!user) throw notFound('User', name);
    return user;
  }

  return {
    get,
    list: (page) => db.asPlatform(({ users }) => users.list(page)),

    async create(caller, { password, full_name: fullName, ...user }) {
      assertMayGive(caller, user.scopes);
      const passwordHash = await passwords.hash(password);
      const created = await db.asPlatform(({ users }) =>
        users.create({ ...user, fullName, passwordHash, createdBy: caller.userId }),
      );
      if (created.kind === 'taken') throw conflict(`The user name ${user.username} is taken`);
      return created.user;
    },

    async update(caller, name, { password, full_name: fullName, ...rest }) {
      const user = await get(name);
      assertMayTouch(caller, user);
      assertMayGive(caller, rest.scopes ?? []);
      assertKeepsAccess(caller, user, rest);
      const endSessions = password !== undefined || rest.disabled === true;
      const changes: UserChanges = { ...rest, fullName, endSessions };
      if (password !== undefined) changes.passwordHash = await passwords.hash(password);
      const updated = await db.asPlatform(
        async ({ users, sessions }) => {
          const changed = await users.update(user.id, changes, caller.userId);
          if (endSessions) await sessions.endAll(user.id);
          return changed;
        },
        { atomic: true },
      );
      authenticator.forget(user.id);
      if (!updated) throw notFound('User', name);
      return updated;
    },
  };
}

function assertMayGive(caller: Principal, scopes: readonly Scope[]): void {
  const lacking = caller.admin ? undefined : scopes.find((scope) => !caller.scopes.includes(scope));
  if (lacking !== undefined) throw forbidden(`Only a holder of '${lacking}' can give it to others`);
}

function assertMayTouch(caller: Principal, user: User): void {
  const lacking = caller.admin ? undefined : user.scopes.find((scope) => !caller.scopes.includes(scope));
  if (lacking !== undefined)
    throw forbidden(`Only a holder of '${lacking}' can change an account that has it`);
}

/** Nobody can lock themselves out by mistake: there would be no one left to undo it. */
function assertKeepsAccess(
  caller: Principal,
  user: User,
  changes: Pick<Changes, 'scopes' | 'disabled'>,
): void {
  if (user.id !== caller.userId) return;
  if (changes.disabled === true) throw conflict('You cannot disable your own account');
  for (const scope of ['user:manage', 'platform:admin'] as const) {
    const loses = user.scopes.includes(scope) && changes.scopes?.includes(scope) === false;
    if (loses) throw conflict(`You cannot take '${scope}' from yourself`);
  }
}

export function toUserResource(user: User): UserResource {
  const { username, email, fullName, disabled, scopes, createdAt, updatedAt } = user;
  return {
    ...{ username, email, disabled, scopes },
    full_name: fullName,
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  };
}
