import type { Queryable } from '@millrace/persistence';

/** Whose a thing is that sockets follow. */
export interface Owned {
  ownerId: string;
  workflowId: string;
}

interface OwnerRow {
  id: string;
  owner_id: string;
  workflow_id: string;
}

/**
 * The owners of workflows that are not deleted and of executions (bare uuids), in one statement for any number: the
 * executions of a deleted workflow can still be followed. What does not exist is left out.
 */
export async function readOwners(
  db: Queryable,
  wanted: { workflows: readonly string[]; executions: readonly string[] },
): Promise<{ workflows: Map<string, Owned>; executions: Map<string, Owned> }> {
  const { rows } = await db.query<OwnerRow & { is_workflow: boolean }>({
    name: 'stream_owners',
    text: `SELECT true AS is_workflow, id, owner_id, id AS workflow_id FROM workflows
           WHERE id = ANY($1::text[]) AND deleted_at IS NULL
           UNION ALL
           SELECT false, id::text, owner_id, workflow_id FROM executions WHERE id = ANY($2::uuid[])`,
    values: [wanted.workflows, wanted.executions],
  });
  const owners = { workflows: new Map<string, Owned>(), executions: new Map<string, Owned>() };
  for (const { is_workflow, id, owner_id, workflow_id } of rows) {
    const map = is_workflow ? owners.workflows : owners.executions;
    map.set(id, { ownerId: owner_id, workflowId: workflow_id });
  }
  return owners;
}

/** What one socket follows. `executionId` is the bare uuid; without it all executions of the workflow. */
export interface Target {
  workflowId: string;
  executionId?: string;
}

export function ownerOf(
  target: Target,
  owners: { workflows: ReadonlyMap<string, Owned>; executions: ReadonlyMap<string, Owned> },
): Owned | undefined {
  return target.executionId === undefined
    ? owners.workflows.get(target.workflowId)
    : owners.executions.get(target.executionId);
}
