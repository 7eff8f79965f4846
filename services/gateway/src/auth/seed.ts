import { DEFAULT_SCOPES } from '@millrace/contracts';
import type { GatewayContext } from '../context.js';

export interface DefaultPasswords {
  adminPassword: string | undefined;
  userPassword: string | undefined;
}

/**
 * Makes the default users that are missing, `admin` and `user`. One that exists is left alone, whatever the environment
 * says: a password that was changed since must not come back at the next start. Reset it with `PATCH /users/{name}`.
 */
export async function seedDefaultUsers(
  { db, passwords, log }: Pick<GatewayContext, 'db' | 'passwords' | 'log'>,
  { adminPassword, userPassword }: DefaultPasswords,
): Promise<void> {
  const wanted = [
    { username: 'admin', password: adminPassword, scopes: DEFAULT_SCOPES.admin, variable: 'ADMIN_PASSWORD' },
    { username: 'user', password: userPassword, scopes: DEFAULT_SCOPES.user, variable: 'USER_PASSWORD' },
  ] as const;
  for (const { username, password, scopes, variable } of wanted) {
    if (await db.asPlatform(({ users }) => users.findByUsername(username))) continue;
    if (password === undefined) {
      log.warn({ username, variable }, 'a default user is missing and is not made: its password is not set');
      continue;
    }
    const passwordHash = await passwords.hash(password);
    const { created } = await db.asPlatform(({ users }) =>
      users.ensureUser({ username, passwordHash, scopes }),
    );
    if (created) log.info({ username }, 'default user made');
  }
}
