import type { EventType, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface RecoveredLog {
  /** `state` is JSON text: it may be large. */
  snapshot: { seq: number; state: string } | undefined;
  /** After the snapshot, in order; undefined when they are too many to be read at once. */
  events: RecoveredEvent[] | undefined;
  /** Of the snapshot and of the events since, as JSON text. */
  bytes: number;
}

export interface RecoveredEvent {
  seq: number;
  type: EventType;
  at: Date;
  data: JsonObject;
}

/** Bytes of a log that are read, parsed and folded at once. */
const AT_ONCE_BYTES = 500_000;

const RECOVER = `
  SELECT w.id AS execution_id, n.seq AS snapshot_seq, n.state::text AS state, e.events,
         coalesce(octet_length(n.state::text), 0) + e.bytes AS bytes
  FROM unnest($1::uuid[]) AS w(id)
  LEFT JOIN execution_snapshots n ON n.execution_id = w.id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN coalesce(sum(octet_length(v.data::text)), 0) <= ${String(AT_ONCE_BYTES)} AND count(*) <= 1000 THEN
        coalesce(json_agg(json_build_array(v.seq, v.type, extract(epoch FROM v.at) * 1000, v.data) ORDER BY v.seq), '[]')
      END AS events, coalesce(sum(octet_length(v.data::text)), 0)::int8 AS bytes
    FROM execution_events v WHERE v.execution_id = w.id AND v.seq > coalesce(n.seq, 0)
  ) e`;

/** What a worker folds into state after a claim: the last snapshot and the events since, of many executions at once. */
export async function readLogs(
  db: Queryable,
  executionIds: readonly string[],
): Promise<Map<string, RecoveredLog>> {
  const { rows } = await db.query<{
    execution_id: string;
    snapshot_seq: number | null;
    state: string | null;
    events: [number, EventType, number, JsonObject][] | null;
    bytes: number;
  }>({ name: 'recover', text: RECOVER, values: [executionIds] });
  return new Map(
    rows.map((row) => [
      row.execution_id,
      {
        snapshot:
          row.snapshot_seq !== null && row.state !== null
            ? { seq: row.snapshot_seq, state: row.state }
            : undefined,
        events: row.events?.map(([seq, type, at, data]) => ({ seq, type, at: new Date(at), data })),
        bytes: row.bytes,
      },
    ]),
  );
}

/** Keeps the folded state at `seq`, so that a claim need not fold from the beginning. Never goes backwards. */
export async function writeSnapshot(
  db: Queryable,
  executionId: string,
  seq: number,
  state: string,
): Promise<void> {
  await db.query({
    name: 'write_snapshot',
    text: `INSERT INTO execution_snapshots AS n (execution_id, seq, state) VALUES ($1, $2, $3::json)
           ON CONFLICT (execution_id) DO UPDATE SET seq = excluded.seq, state = excluded.state WHERE n.seq < excluded.seq`,
    values: [executionId, seq, state],
  });
}

/** The log after `afterSeq`, as much of it as may be folded at once; empty at its end. */
export async function readLogPart(
  db: Queryable,
  executionId: string,
  afterSeq: number,
): Promise<RecoveredEvent[]> {
  const { rows } = await db.query<RecoveredEvent>({
    name: 'recover_part',
    text: `SELECT seq, type, at, data FROM (
             SELECT seq, type, at, data, sum(octet_length(data::text)) OVER (ORDER BY seq) AS so_far
             FROM (SELECT seq, type, at, data FROM execution_events
                   WHERE execution_id = $1 AND seq > $2 ORDER BY seq LIMIT 500) page
           ) measured
           WHERE so_far <= ${String(AT_ONCE_BYTES)} OR seq = $2 + 1 ORDER BY seq`,
    values: [executionId, afterSeq],
  });
  return rows;
}
