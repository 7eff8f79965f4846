import type { Queryable } from '@millrace/persistence';
import {
  type AuthenticationOutcome,
  type Authenticator,
  hasScope,
  type Principal,
} from '@millrace/service-kit';
import { ownerOf, readOwners } from './access.js';
import type { Connection } from './socket/connection.js';
import { NEEDED_SCOPE } from './upgrade/authorize.js';

/** Re-checks of different credentials under way at once. */
const CONCURRENCY = 4;

/**
 * Looks once at every open socket: whether its caller still may, and whether what it follows is still theirs. One query
 * for all owners, one re-check for each credential, whatever the number of sockets. Rejects when the database is away;
 * the sockets stay open then.
 */
export async function recheckRights(
  { authenticator, db }: { authenticator: Authenticator; db: Queryable },
  connections: Iterable<Connection>,
): Promise<void> {
  const open = [...connections].filter((connection) => connection.isOpen);
  if (open.length === 0) return;
  const owners = await readOwners(db, {
    workflows: distinct(open, ({ target }) =>
      target.executionId === undefined ? target.workflowId : undefined,
    ),
    executions: distinct(open, ({ target }) => target.executionId),
  });
  const outcomes = await recheckAll(authenticator, open);
  for (const connection of open) {
    const outcome = outcomes.get(credentialKey(connection.principal));
    // A token that was renewed meanwhile is looked at the next time.
    if (outcome === undefined) continue;
    if (!keepsRights(connection, outcome)) continue;
    const owner = ownerOf(connection.target, owners);
    const { admin, userId } = connection.principal;
    if (owner === undefined) connection.forbid('What this stream follows was deleted');
    else if (!admin && owner.ownerId !== userId) connection.forbid('Access was withdrawn');
  }
}

function keepsRights(connection: Connection, outcome: AuthenticationOutcome): boolean {
  if (outcome.kind === 'disabled') connection.forbid('This account is disabled');
  else if (outcome.kind === 'rejected') {
    const { expiresAt } = connection.principal;
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) connection.end('expired');
    else connection.forbid('The credential was revoked');
  } else if (!hasScope(outcome.principal, NEEDED_SCOPE)) {
    connection.forbid(`Operation requires '${NEEDED_SCOPE}' scope`);
  } else {
    connection.principal = outcome.principal;
    return true;
  }
  return false;
}

async function recheckAll(
  authenticator: Authenticator,
  connections: readonly Connection[],
): Promise<Map<string, AuthenticationOutcome>> {
  const principals = new Map(connections.map(({ principal }) => [credentialKey(principal), principal]));
  const outcomes = new Map<string, AuthenticationOutcome>();
  const todo = principals.entries();
  const checkNext = async (): Promise<void> => {
    for (const [key, principal] of todo) outcomes.set(key, await authenticator.recheck(principal));
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, principals.size) }, checkNext));
  return outcomes;
}

/** Principals with the same key are re-checked to the same outcome. */
function credentialKey({
  userId,
  sessionVersion,
  sessionId,
  apiKeyId,
  ceiling,
  expiresAt,
}: Principal): string {
  return JSON.stringify([userId, sessionVersion, sessionId, apiKeyId, ceiling, expiresAt?.getTime()]);
}

function distinct(
  connections: readonly Connection[],
  pick: (connection: Connection) => string | undefined,
): string[] {
  return [...new Set(connections.flatMap((connection) => pick(connection) ?? []))];
}
