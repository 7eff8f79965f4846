import type { EventType, JsonObject } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface RecoveredLog {
  snapshot: { seq: number; state: JsonObject } | undefined;
  /** After the snapshot, in order. */
  events: { seq: number; type: EventType; at: Date; data: JsonObject }[];
  /** Of the snapshot and of the events since, as JSON text. */
  bytes: number;
}

const RECOVER = `
  SELECT w.id AS execution_id, n.seq AS snapshot_seq, n.state, e.events,
         coalesce(octet_length(n.state::text), 0) + e.bytes AS bytes
  FROM unnest($1::uuid[]) AS w(id)
  LEFT JOIN execution_snapshots n ON n.execution_id = w.id
  CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(v.seq, v.type, extract(epoch FROM v.at) * 1000, v.data) ORDER BY v.seq), '[]')
      AS events, coalesce(sum(octet_length(v.data::text)), 0)::int8 AS bytes
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
    state: JsonObject | null;
    events: [number, EventType, number, JsonObject][];
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
        events: row.events.map(([seq, type, at, data]) => ({ seq, type, at: new Date(at), data })),
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
