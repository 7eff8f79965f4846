import { type ExecutionHead, type Queryable, readHeads, readWorkflowHeads } from '@millrace/persistence';
import { type ResumePoint, resumePoint } from './subscription.js';

/** A snapshot with more executions than this is refused: reading pages of history is what the HTTP API is for. */
export const MAX_SNAPSHOT = 5_000;

export interface WorkflowSnapshot {
  /** The live executions, and those that finished since the moment. */
  heads: readonly ExecutionHead[];
  points: ReadonlyMap<string, ResumePoint>;
  /** Positions that lie beyond the end of the log. */
  beyond: readonly ExecutionHead[];
}

/**
 * Where a workflow's stream is to be resumed: every execution of the snapshot from the client's position, or from the
 * beginning when it has none; and every other one the client names. Names that are not of this workflow (removed by
 * retention, most likely) are left out. Undefined when there are too many.
 */
export async function readSnapshot(
  db: Queryable,
  workflowId: string,
  since: Date,
  positions: ReadonlyMap<string, number>,
): Promise<WorkflowSnapshot | undefined> {
  if (await hasTooMany(db, workflowId, since)) return undefined;
  const heads = await readWorkflowHeads(db, [workflowId], since);
  const inSnapshot = new Set(heads.map((head) => head.executionId));
  const others = [...positions.keys()].filter((executionId) => !inSnapshot.has(executionId));
  const named = others.length > 0 ? await readHeads(db, others) : [];
  const points = new Map<string, ResumePoint>();
  const beyond: ExecutionHead[] = [];
  for (const head of [...heads, ...named.filter((other) => other.workflowId === workflowId)]) {
    const point = resumePoint(head, positions.get(head.executionId) ?? 0);
    if (point === undefined) beyond.push(head);
    else points.set(head.executionId, point);
  }
  return { heads, points, beyond };
}

/** Counts no further than the limit, so that a moment years ago costs no more than one of yesterday. */
async function hasTooMany(db: Queryable, workflowId: string, since: Date): Promise<boolean> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT (
       SELECT count(*) FROM (
         SELECT 1 FROM execution_state WHERE workflow_id = $1 LIMIT $3
       ) live
     )::int + (
       SELECT count(*) FROM (
         SELECT 1 FROM executions WHERE workflow_id = $1 AND completed_at >= $2 LIMIT $3
       ) finished
     )::int AS count`,
    [workflowId, since, MAX_SNAPSHOT + 1],
  );
  return (rows[0]?.count ?? 0) > MAX_SNAPSHOT;
}
