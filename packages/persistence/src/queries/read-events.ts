import type { EventType, ExecutionStatus, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface StoredEvent {
  executionId: string;
  seq: number;
  type: EventType;
  at: Date;
  data: JsonObject;
}

interface EventRow {
  execution_id: string;
  seq: number;
  type: EventType;
  at: Date;
  data: JsonObject;
}

function toStoredEvent(row: EventRow): StoredEvent {
  return { executionId: row.execution_id, seq: row.seq, type: row.type, at: row.at, data: row.data };
}

/** The log of one execution after `afterSeq`, in order, at most `limit` entries. */
export async function readEvents(
  db: Queryable,
  executionId: string,
  afterSeq: number,
  limit: number,
): Promise<StoredEvent[]> {
  const { rows } = await db.query<EventRow>({
    name: 'read_events',
    text: `SELECT execution_id, seq, type, at, data FROM execution_events
           WHERE execution_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    values: [executionId, afterSeq, limit],
  });
  return rows.map(toStoredEvent);
}

/** Ranges of several logs in one round trip; both ends of a range belong to it. Ordered by execution and seq. */
export async function readEventRanges(
  db: Queryable,
  ranges: readonly { executionId: string; fromSeq: number; toSeq: number }[],
): Promise<StoredEvent[]> {
  const { rows } = await db.query<EventRow>({
    name: 'read_event_ranges',
    text: `SELECT e.execution_id, e.seq, e.type, e.at, e.data
           FROM unnest($1::uuid[], $2::int[], $3::int[]) AS r(execution_id, first, last)
           CROSS JOIN LATERAL (
             SELECT * FROM execution_events v
             WHERE v.execution_id = r.execution_id AND v.seq BETWEEN r.first AND r.last
           ) e
           ORDER BY e.execution_id, e.seq`,
    values: [ranges.map((r) => r.executionId), ranges.map((r) => r.fromSeq), ranges.map((r) => r.toSeq)],
  });
  return rows.map(toStoredEvent);
}

/** Where an execution stands, live or finished. */
export interface ExecutionHead {
  executionId: string;
  workflowId: string;
  status: ExecutionStatus;
  lastSeq: number;
  /** By the database's clock; null while it is live. */
  finishedSecondsAgo: number | null;
}

interface HeadRow {
  id: string;
  workflow_id: string;
  status: ExecutionStatus;
  last_seq: number;
  finished_seconds_ago: number | null;
}

const FINISHED_AGO = 'extract(epoch FROM now() - completed_at)::float8 AS finished_seconds_ago';

function toHead(row: HeadRow): ExecutionHead {
  return {
    executionId: row.id,
    workflowId: row.workflow_id,
    status: row.status,
    lastSeq: row.last_seq,
    finishedSecondsAgo: row.finished_seconds_ago,
  };
}

/** The heads of the given executions; unknown ids are left out. */
export async function readHeads(db: Queryable, executionIds: readonly string[]): Promise<ExecutionHead[]> {
  const { rows } = await db.query<HeadRow>({
    name: 'read_heads',
    text: `SELECT e.id, e.workflow_id, coalesce(s.status, e.status) AS status,
                  coalesce(s.last_seq, e.final_seq) AS last_seq, ${FINISHED_AGO}
           FROM executions e LEFT JOIN execution_state s ON s.execution_id = e.id
           WHERE e.id = ANY($1::uuid[])`,
    values: [executionIds],
  });
  return rows.map(toHead);
}

/**
 * The live executions of workflows, and those that finished at or after a moment: given as such, or as so many seconds
 * before now by the database's clock.
 */
export async function readWorkflowHeads(
  db: Queryable,
  workflowIds: readonly string[],
  since: Date | { secondsAgo: number },
): Promise<ExecutionHead[]> {
  const isMoment = since instanceof Date;
  const { rows } = await db.query<HeadRow>({
    name: 'read_workflow_heads',
    text: `SELECT execution_id AS id, workflow_id, status, last_seq, NULL::float8 AS finished_seconds_ago
           FROM execution_state
           WHERE workflow_id = ANY($1::text[])
           UNION ALL
           SELECT id, workflow_id, status, final_seq, ${FINISHED_AGO} FROM executions
           WHERE workflow_id = ANY($1::text[])
             AND completed_at >= coalesce($2::timestamptz, now() - make_interval(secs => $3))
           ORDER BY 1`,
    values: [workflowIds, isMoment ? since : null, isMoment ? 0 : since.secondsAgo],
  });
  return rows.map(toHead);
}
