import { isSecretName } from '@millrace/contracts';
import type { CallerRepositories, Page, PageRequest, SecretRecord } from '@millrace/persistence';
import {
  conflict,
  forbidden,
  invalidRequest,
  notFound,
  type Principal,
  unavailable,
} from '@millrace/service-kit';
import { asDatabaseCaller, type GatewayContext } from '../context.js';

export interface SecretDetails {
  secret: SecretRecord;
  /** The owner's workflows that name it. */
  usedBy: { id: string; name: string }[];
}

export interface Secrets {
  list(caller: Principal, owner: string | undefined, page: PageRequest): Promise<Page<SecretRecord>>;
  get(caller: Principal, owner: string | undefined, name: string): Promise<SecretDetails>;
  put(
    caller: Principal,
    owner: string | undefined,
    secret: { name: string; value: string; description?: string | undefined },
  ): Promise<{ secret: SecretRecord; created: boolean }>;
  remove(caller: Principal, owner: string | undefined, name: string): Promise<void>;
}

/** Secrets of one owner: the caller, or for an admin whoever they name. Nothing here ever reads a value back. */
export function createSecrets({ db, keyring }: Pick<GatewayContext, 'db' | 'keyring'>): Secrets {
  function asOwner<T>(
    caller: Principal,
    owner: string | undefined,
    work: (repositories: CallerRepositories, ownerId: string) => Promise<T>,
  ): Promise<T> {
    return db.asCaller(asDatabaseCaller(caller), async (repositories) =>
      work(repositories, await ownerIdOf(caller, owner, repositories)),
    );
  }

  return {
    list: (caller, owner, page) =>
      asOwner(caller, owner, ({ secrets }, ownerId) => secrets.list(ownerId, page)),

    get: (caller, owner, name) =>
      asOwner(caller, owner, async ({ secrets }, ownerId) => {
        const secret = await secrets.get(ownerId, name);
        if (secret === undefined) throw unknownSecret(name);
        return { secret, usedBy: await secrets.usedBy(ownerId, name) };
      }),

    async put(caller, owner, secret) {
      assertName(secret.name);
      return asOwner(caller, owner, async ({ secrets }, ownerId) => {
        if (keyring === undefined) {
          throw unavailable('Secrets cannot be stored: the operator has to set SECRETS_KEY first.');
        }
        const write = await secrets.put(keyring, { ...secret, ownerId });
        if (write.kind === 'too_many') {
          throw conflict(`There are ${write.limit} secrets, which is the limit. Delete one first.`);
        }
        return { secret: write.secret, created: write.kind === 'created' };
      });
    },

    async remove(caller, owner, name) {
      const deleted = await asOwner(caller, owner, ({ secrets }, ownerId) => secrets.delete(ownerId, name));
      if (!deleted) throw unknownSecret(name);
    },
  };
}

async function ownerIdOf(
  caller: Principal,
  owner: string | undefined,
  { users }: Pick<CallerRepositories, 'users'>,
): Promise<string> {
  if (owner === undefined || owner.toLowerCase() === caller.username.toLowerCase()) return caller.userId;
  if (!caller.admin) throw forbidden("Only an admin can work with someone else's secrets");
  const user = await users.findByUsername(owner);
  if (user === undefined) throw notFound('User', owner);
  return user.id;
}

function assertName(name: string): void {
  if (isSecretName(name)) return;
  const msg = 'must begin with a letter and hold at most 128 letters, digits, "_", "." or "-"';
  throw invalidRequest([{ loc: ['path', 'name'], msg, type: 'invalid_name' }]);
}

/** The name comes from the address as it was typed: no answer repeats what is no name. */
function unknownSecret(name: string): Error {
  return notFound('Secret', isSecretName(name) ? name : 'of this name');
}
