import type { BulkAction, EventType, ExecutionStatus, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface ControlState {
  status: ExecutionStatus;
  /** A message lies in its inbox that no worker has taken in. */
  hasUnread: boolean;
}

/** What somebody who steers an execution has to know of it; undefined when there is none. */
export async function readControlState(
  db: Queryable,
  executionId: string,
): Promise<ControlState | undefined> {
  const { rows } = await db.query<{ status: ExecutionStatus; has_unread: boolean }>({
    name: 'control_state',
    text: `SELECT coalesce(e.status, s.status) AS status, coalesce(s.inbox > s.inbox_read, false) AS has_unread
           FROM executions e LEFT JOIN execution_state s ON s.execution_id = e.id WHERE e.id = $1`,
    values: [executionId],
  });
  const row = rows[0];
  return row && { status: row.status, hasUnread: row.has_unread };
}

export interface TypedEvent {
  seq: number;
  type: EventType;
  data: JsonObject;
}

/** The events of some types after `afterSeq`, in order, at most `limit`. */
export async function readEventsOfTypes(
  db: Queryable,
  executionId: string,
  { types, afterSeq, limit }: { types: readonly EventType[]; afterSeq: number; limit: number },
): Promise<TypedEvent[]> {
  const { rows } = await db.query<TypedEvent>({
    name: 'read_events_of_types',
    text: `SELECT seq, type, data FROM execution_events
           WHERE execution_id = $1 AND seq > $2 AND type = ANY($3::text[]) ORDER BY seq LIMIT $4`,
    values: [executionId, afterSeq, types, limit],
  });
  return rows;
}

export interface BulkSelection {
  action: BulkAction;
  statuses: readonly ExecutionStatus[];
  workflowId?: string | undefined;
  /** Submitted at or after, and before. */
  since?: Date | undefined;
  until?: Date | undefined;
  ownerId?: string | undefined;
  errorFingerprint?: string | undefined;
}

/**
 * What each action leaves alone although its status fits, so that calling again gets on: what was told already and has
 * not obeyed yet, and what was retried or discarded.
 */
const PENDING: Record<BulkAction, string> = {
  cancel: 's.cancel_requested_at IS NULL',
  pause: untold('pause'),
  resume: untold('resume'),
  retry: 'e.resolved_at IS NULL',
};

function untold(kind: BulkAction): string {
  return `coalesce((SELECT g.kind FROM signals g
                    WHERE g.execution_id = s.execution_id AND g.number > s.inbox_read AND g.kind IN ('pause', 'resume')
                    ORDER BY g.number DESC LIMIT 1), '') <> '${kind}'`;
}

/** The ids a bulk action by filter is for, oldest first. Live statuses are looked for among the live rows. */
export async function selectForBulk(
  db: Queryable,
  selection: BulkSelection,
  limit: number,
): Promise<string[]> {
  const { action, statuses, workflowId, since, until, ownerId, errorFingerprint } = selection;
  const [table, id, rows] =
    action === 'retry'
      ? ['e', 'e.id', 'executions e']
      : ['s', 's.execution_id', 'execution_state s JOIN executions e ON e.id = s.execution_id'];
  const values: unknown[] = [];
  const conditions: string[] = [PENDING[action]];
  const where = (condition: (placeholder: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${String(values.length)}`));
  };
  where((value) => `${table}.status = ANY(${value}::text[])`, statuses);
  where((value) => `${table}.workflow_id = ${value}`, workflowId);
  where((value) => `${table}.owner_id = ${value}`, ownerId);
  where((value) => `e.error_fingerprint = ${value}`, errorFingerprint);
  where((value) => `${id} >= uuid7_floor(${value})`, since);
  where((value) => `${id} < uuid7_floor(${value})`, until);
  const found = await db.query<{ id: string }>(
    `SELECT ${id} AS id FROM ${rows} WHERE ${conditions.join(' AND ')}
     ORDER BY ${id} LIMIT ${String(limit)}`,
    values,
  );
  return found.rows.map((row) => row.id);
}
