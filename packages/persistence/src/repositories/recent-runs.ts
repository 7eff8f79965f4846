import type { ExecutionStatus } from '@millrace/contracts';
import type { Session } from './session.js';

/** What a list of workflows shows of an execution. */
export interface RecentRunRecord {
  /** The bare UUID. */
  id: string;
  status: ExecutionStatus;
  createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
}

interface Columns {
  workflow_id: string;
  id: string;
  status: ExecutionStatus;
  created_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
}

/** Beyond so many of the newest the parts of large maps, and tests, are not looked behind. */
const LOOKED_AT = 500;

// One probe of the index per workflow. Rejected: window functions over the executions of all of them, which read every
// one there is. Parts of a map are no runs of their own, and tests of drafts say nothing of what is published.
const RECENT = `
  SELECT w.id AS workflow_id, x.id, coalesce(x.status, s.status) AS status, x.created_at,
         coalesce(x.started_at, s.started_at) AS started_at, x.completed_at
  FROM unnest($1::text[]) AS w(id)
  CROSS JOIN LATERAL (
    SELECT * FROM (
      SELECT e.id, e.status, e.created_at, e.started_at, e.completed_at,
             e.shard IS NOT NULL OR e.workflow_version < 0 AS is_left_out
      FROM executions e WHERE e.workflow_id = w.id ORDER BY e.id DESC LIMIT ${String(LOOKED_AT)}) newest
    WHERE NOT is_left_out ORDER BY id DESC LIMIT $2) x
  LEFT JOIN execution_state s ON s.execution_id = x.id
  ORDER BY x.id DESC`;

/** The newest executions of each workflow, newest first; those without any have no entry. */
export async function recentRuns(
  session: Session,
  workflowIds: readonly string[],
  limit: number,
): Promise<Map<string, RecentRunRecord[]>> {
  const found = new Map<string, RecentRunRecord[]>();
  if (workflowIds.length === 0) return found;
  for (const row of await session.rows<Columns>(RECENT, [workflowIds, limit])) {
    const { id, status, created_at: createdAt, started_at: startedAt, completed_at: completedAt } = row;
    const runs = found.get(row.workflow_id) ?? [];
    runs.push({ id, status, createdAt, startedAt, completedAt });
    found.set(row.workflow_id, runs);
  }
  return found;
}
