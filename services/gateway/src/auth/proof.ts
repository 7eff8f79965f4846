import type { User } from '@millrace/persistence';
import { rateLimited } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';

/**
 * Whose password this is; undefined for an unknown user and a wrong password alike, after the same time, and counted.
 * Throws 429 after too many failures of this user from this address. To be called when it is the caller's turn
 * (`passwords.inTurn`), or guesses would slip past the count.
 */
export async function provePassword(
  { db, passwords }: Pick<GatewayContext, 'db' | 'passwords'>,
  { username, password, address }: { username: string; password: string; address: string },
): Promise<User | undefined> {
  const { throttle, user } = await db.asPlatform(async ({ loginFailures, users }) => ({
    throttle: await loginFailures.check(username, address),
    user: await users.findByUsername(username),
  }));
  if (throttle.blocked) {
    const { retryAfterSeconds } = throttle;
    throw rateLimited(
      `Too many failed log-ins. Try again in ${retryAfterSeconds} seconds.`,
      retryAfterSeconds,
    );
  }
  const isRight = await passwords.verify(user?.passwordHash, password);
  if (user && isRight) return user;
  await db.asPlatform(({ loginFailures }) => loginFailures.record(username, address));
  return undefined;
}
