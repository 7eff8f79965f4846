import type { ExecutionStatus, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface ClaimedExecution {
  executionId: string;
  workflowId: string;
  workflowVersion: number;
  /** The step it runs to; null where all of it runs. */
  untilStep: string | null;
  /** The fence of every write of this claim. */
  epoch: number;
  lastSeq: number;
  /** What it was before this claim. The log of a `queued` one holds event 1 and what it reuses. */
  was: ExecutionStatus;
  inbox: number;
  inboxRead: number;
  cancelRequested: boolean;
  crashes: number;
  parameters: JsonObject;
  ownerId: string;
  owner: string;
  submittedBy: string;
  submittedById: string;
  /** Of an execution that repeats another: its log may begin with reused steps and edited inputs. */
  retryOf: string | null;
  /** Of a child: whose step it answers. */
  parentId: string | null;
  /** How many executions above it started sub-workflows. */
  depth: number;
  /** The part of a large map that this child works through. */
  shard: JsonObject | null;
  rootId: string;
  traceId: string;
  createdAt: Date;
  /** The database's clock at the claim: what the worker counts its own monotonic time from. */
  databaseNow: Date;
}

interface Row {
  execution_id: string;
  workflow_id: string;
  workflow_version: number;
  until_step: string | null;
  epoch: number;
  last_seq: number;
  was: ExecutionStatus;
  inbox: number;
  inbox_read: number;
  cancel_requested: boolean;
  crashes: number;
  parameters: JsonObject;
  owner_id: string;
  owner: string;
  submitted_by: string;
  submitted_by_id: string;
  retry_of: string | null;
  parent_id: string | null;
  depth: number;
  shard: JsonObject | null;
  root_id: string;
  trace_id: string;
  created_at: Date;
  database_now: Date;
}

// Claimable is what has `redispatch_at`: queued, woken while waiting, or released from an expired worker. The lock waits
// (no SKIP LOCKED): a hint refused because a signal held the row for a moment would cost ten seconds.
const CLAIM = `
  WITH locked AS MATERIALIZED (
    SELECT execution_id, status FROM execution_state
    WHERE execution_id = ANY($1::uuid[]) AND redispatch_at IS NOT NULL
    ORDER BY execution_id FOR UPDATE
  ),
  claimed AS (
    UPDATE execution_state s
    SET epoch = s.epoch + 1, worker_id = $2, status = 'running', redispatch_at = NULL, wake_at = NULL,
        started_at = coalesce(s.started_at, now())
    FROM locked l WHERE s.execution_id = l.execution_id
    RETURNING s.execution_id, s.epoch, s.last_seq, l.status AS was, s.inbox, s.inbox_read,
              s.cancel_requested_at IS NOT NULL AS cancel_requested, s.crashes
  )
  SELECT c.*, e.workflow_id, e.workflow_version, e.until_step, e.parameters, e.owner_id, o.username AS owner,
         b.username AS submitted_by, e.submitted_by AS submitted_by_id, e.retry_of, e.parent_id, e.depth, e.shard,
         e.root_id, e.trace_id, e.created_at, now() AS database_now
  FROM claimed c
  JOIN executions e ON e.id = c.execution_id
  JOIN users o ON o.id = e.owner_id
  JOIN users b ON b.id = e.submitted_by`;

/**
 * Takes those of the given executions that are runnable, raising their epoch. What is missing from the answer was
 * claimed by another worker, or is finished, or is not due: its hint is to be forgotten.
 */
export async function claimExecutions(
  db: Queryable,
  workerId: string,
  executionIds: readonly string[],
): Promise<ClaimedExecution[]> {
  const { rows } = await db.query<Row>({ name: 'claim', text: CLAIM, values: [executionIds, workerId] });
  return rows.map((row) => ({
    executionId: row.execution_id,
    workflowId: row.workflow_id,
    workflowVersion: row.workflow_version,
    untilStep: row.until_step,
    epoch: row.epoch,
    lastSeq: row.last_seq,
    was: row.was,
    inbox: row.inbox,
    inboxRead: row.inbox_read,
    cancelRequested: row.cancel_requested,
    crashes: row.crashes,
    parameters: row.parameters,
    ownerId: row.owner_id,
    owner: row.owner,
    submittedBy: row.submitted_by,
    submittedById: row.submitted_by_id,
    retryOf: row.retry_of,
    parentId: row.parent_id,
    depth: row.depth,
    shard: row.shard,
    rootId: row.root_id,
    traceId: row.trace_id,
    createdAt: row.created_at,
    databaseNow: row.database_now,
  }));
}
