import type { BulkAction, EventType, ExecutionStatus, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';
import { type ExecutionConditions, rowsOf, searchesOf, whereOf } from './execution-filter.js';

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

export interface BulkSelection extends ExecutionConditions {
  action: BulkAction;
  statuses: readonly ExecutionStatus[];
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

/** The ids a bulk action by filter is for, oldest first. */
export async function selectForBulk(
  db: Queryable,
  { action, ownerId, ...conditions }: BulkSelection,
  limit: number,
): Promise<string[]> {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${String(values.push(value))}`;
  const found = searchesOf(conditions, ownerId).map((search) => {
    const where = whereOf(search, conditions, ownerId, place);
    return `(SELECT ${search.id} AS id FROM ${rowsOf(search)} WHERE ${where} AND ${PENDING[action]}
             ORDER BY ${search.id} LIMIT ${String(limit)})`;
  });
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM (${found.join(' UNION ALL ')}) found ORDER BY id LIMIT ${String(limit)}`,
    values,
  );
  return rows.map((row) => row.id);
}
