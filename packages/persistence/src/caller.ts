import pg from 'pg';

/** On whose behalf a transaction reads and writes: row-level security shows it these rows and no others. */
export interface Caller {
  /** `users.id`. */
  userId: string;
  /** True shows every owner's rows. */
  admin: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Opens the transaction and names the caller in it, in one round trip: parameters would need the extended protocol,
 * which allows one statement at a time. Throws a TypeError when the user id is no UUID.
 */
export function beginAs(caller: Caller): string {
  if (!isUuid(caller.userId)) throw new TypeError('a caller is named by the UUID of a user');
  const user = pg.escapeLiteral(caller.userId);
  const admin = caller.admin ? "'on'" : "'off'";
  return `BEGIN; SELECT set_config('millrace.user_id', ${user}, true), set_config('millrace.admin', ${admin}, true)`;
}
