import type { ExecutionError } from '@millrace/contracts';
import type { Caller } from '../caller.js';
import { fetchSize, InvalidCursorError, pageOf, type Page, type PageRequest } from '../paging.js';
import { isDeadLetter } from '../queries/dead-letters.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/** Failures of one cause that nobody has dealt with. */
export interface DeadLetterRecord {
  fingerprint: string;
  workflowId: string;
  count: number;
  firstSeen: Date;
  lastSeen: Date;
  /** Of the newest. */
  error: ExecutionError | null;
  /** The newest, bare UUIDs. */
  executionIds: string[];
}

export interface DeadLetterFilter extends PageRequest {
  workflowId?: string | undefined;
  /** Ended at or after: older ones are not counted. */
  since?: Date | undefined;
  ownerId?: string | undefined;
}

export interface DeadLetterRepository {
  /** The group with the latest failure first. */
  list(filter: DeadLetterFilter): Promise<Page<DeadLetterRecord>>;
}

interface Columns {
  fingerprint: string;
  workflow_id: string;
  count: number;
  first_seen: Date;
  last_seen: Date;
  /** Microseconds: a page must not begin in the middle of a millisecond. */
  last_seen_us: string;
  error: ExecutionError | null;
  execution_ids: string[];
}

const SHOWN = 5;

// Groups first, from the index alone; then the newest of those on the page. Rejected: window functions over all
// failures, which read every error there is.
function groups(conditions: readonly string[], after: string, limit: number): string {
  return `
    WITH groups AS MATERIALIZED (
      SELECT e.error_fingerprint AS fingerprint, e.workflow_id, count(*)::int AS count,
             min(e.completed_at) AS first_seen, max(e.completed_at) AS last_seen,
             (extract(epoch FROM max(e.completed_at)) * 1000000)::int8 AS last_seen_us
      FROM executions e WHERE ${conditions.join(' AND ')}
      GROUP BY e.workflow_id, e.error_fingerprint
    )
    SELECT g.fingerprint, g.workflow_id, g.count, g.first_seen, g.last_seen, g.last_seen_us::text,
           newest.execution_ids, newest.error
    FROM (SELECT * FROM groups ${after} ORDER BY last_seen_us DESC, fingerprint DESC LIMIT ${String(limit)}) g
    CROSS JOIN LATERAL (
      SELECT array_agg(x.id ORDER BY x.id DESC) AS execution_ids, (array_agg(x.error ORDER BY x.id DESC))[1] AS error
      FROM (
        SELECT e.id, e.error FROM executions e
        WHERE e.error_fingerprint = g.fingerprint AND ${isDeadLetter('e')}
        ORDER BY e.id DESC LIMIT ${String(SHOWN)}
      ) x
    ) newest
    ORDER BY g.last_seen_us DESC, g.fingerprint DESC`;
}

export function deadLetterRepository(session: Session, caller: Caller): DeadLetterRepository {
  return {
    async list(filter) {
      const { workflowId, since, cursor } = filter;
      if (workflowId !== undefined && !isStorable(workflowId)) return { items: [] };
      const values: unknown[] = [];
      const place = (value: unknown): string => `$${String(values.push(value))}`;
      const conditions = [isDeadLetter('e')];
      // Row-level security would leave out other owners' rows, but only this condition reaches the index.
      const owner = filter.ownerId ?? (caller.admin ? undefined : caller.userId);
      if (owner !== undefined) conditions.push(`e.owner_id = ${place(owner)}`);
      if (workflowId !== undefined) conditions.push(`e.workflow_id = ${place(workflowId)}`);
      if (since !== undefined) conditions.push(`e.completed_at >= ${place(since)}`);
      let after = '';
      if (cursor !== undefined) {
        const [time, fingerprint] = parseCursor(cursor);
        after = `WHERE (last_seen_us, fingerprint) < (${place(time)}::int8, ${place(fingerprint)})`;
      }
      const rows = await session.rows<Columns>(groups(conditions, after, fetchSize(filter)), values);
      return pageOf(rows, filter, (row) => `${row.last_seen_us}.${row.fingerprint}`, toRecord);
    },
  };
}

function toRecord(row: Columns): DeadLetterRecord {
  return {
    fingerprint: row.fingerprint,
    workflowId: row.workflow_id,
    count: row.count,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    error: row.error,
    executionIds: row.execution_ids,
  };
}

function parseCursor(cursor: string): [time: string, fingerprint: string] {
  const [, time, fingerprint] = /^(\d{1,17})\.([0-9a-f]{32})$/.exec(cursor) ?? [];
  if (time === undefined || fingerprint === undefined) throw new InvalidCursorError();
  return [time, fingerprint];
}
