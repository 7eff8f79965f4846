import { executionUuid } from '@millrace/contracts';
import type { ApiDatabase } from '@millrace/persistence';
import { forbidden, notFound, type Principal } from '@millrace/service-kit';

export const DENIED = {
  workflow: 'Access denied to this workflow',
  execute: "Cannot execute workflow you don't own",
  executions: "Cannot view executions for workflow you don't own",
  execution: 'Access denied to this execution',
} as const;

export function unknownWorkflow(id: string): Error {
  return notFound('Workflow', shown(id));
}

export function unknownExecution(id: string): Error {
  return notFound('Execution', shown(id));
}

/** An id comes from the address as it was typed: too long a one is not repeated in full. */
function shown(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}

/**
 * Why a caller cannot see a workflow that row-level security hid: 404 for unknown and deleted ones, 403 for another
 * user's.
 */
export async function explainHiddenWorkflow(db: ApiDatabase, id: string, denied: string): Promise<Error> {
  const found = await db.asPlatform(({ access }) => access.workflow(id));
  return found && !found.deleted ? forbidden(denied) : unknownWorkflow(id);
}

/** 404 or 403 unless the workflow is the caller's to read; `deleted` ones count where their history is meant. */
export async function requireWorkflow(
  db: ApiDatabase,
  caller: Principal,
  id: string,
  { denied, deleted = false }: { denied: string; deleted?: boolean },
): Promise<void> {
  const found = await db.asPlatform(({ access }) => access.workflow(id));
  if (!found || (found.deleted && !deleted)) throw unknownWorkflow(id);
  if (!caller.admin && found.ownerId !== caller.userId) throw forbidden(denied);
}

/**
 * Whose rows a list is for: everybody's where `ownerId` is undefined. Undefined when the caller may see none of them, or
 * there is no such user.
 */
export async function ownerScope(
  db: ApiDatabase,
  caller: Principal,
  owner: string | undefined,
): Promise<{ ownerId: string | undefined } | undefined> {
  if (owner === undefined) return { ownerId: caller.admin ? undefined : caller.userId };
  const found = await db.asPlatform(({ users }) => users.findByUsername(owner));
  return found && (caller.admin || found.id === caller.userId) ? { ownerId: found.id } : undefined;
}

export interface ExecutionAccess {
  /** The bare UUID. */
  uuid: string;
  workflowId: string;
}

/** 404 or 403 unless the execution is the caller's to see. */
export async function requireExecution(
  db: ApiDatabase,
  caller: Principal,
  id: string,
): Promise<ExecutionAccess> {
  const uuid = executionUuid(id);
  const found = uuid === undefined ? undefined : await db.asPlatform(({ access }) => access.execution(uuid));
  if (uuid === undefined || !found) throw unknownExecution(id);
  if (!caller.admin && found.ownerId !== caller.userId) throw forbidden(DENIED.execution);
  return { uuid, workflowId: found.workflowId };
}
