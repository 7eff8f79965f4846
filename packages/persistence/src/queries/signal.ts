import type { JsonValue } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export type SignalKind = 'cancel' | 'pause' | 'resume' | 'approval' | 'event' | 'child';

export interface Signal {
  number: number;
  kind: SignalKind;
  payload: JsonValue;
  sentBy: string | null;
}

export interface SignalDelivery {
  /** The worker that runs it and has to be told, if any. */
  workerId: string | null;
  /** Set when this signal woke it: hint it with this number. */
  wokenDispatchNo: number | null;
}

// Counting up `inbox` and waking are one with the insert: a suspension compares the counter, so either it sees the
// signal or the signal sees the suspension.
const SEND = `
  WITH before AS MATERIALIZED (
    SELECT execution_id, status = 'waiting' AND redispatch_at IS NULL AS asleep
    FROM execution_state WHERE execution_id = $1 FOR UPDATE
  ),
  target AS (
    UPDATE execution_state s
    SET inbox = s.inbox + 1,
        cancel_requested_at = CASE WHEN $2 = 'cancel' THEN coalesce(s.cancel_requested_at, now())
                                   ELSE s.cancel_requested_at END,
        dispatch_no = CASE WHEN b.asleep THEN s.dispatch_no + 1 ELSE s.dispatch_no END,
        redispatch_at = CASE WHEN b.asleep THEN now() + make_interval(secs => $5) ELSE s.redispatch_at END
    FROM before b WHERE s.execution_id = b.execution_id
    RETURNING s.execution_id, s.inbox, s.worker_id, CASE WHEN b.asleep THEN s.dispatch_no END AS woken
  ),
  stored AS (
    INSERT INTO signals (execution_id, number, kind, payload, sent_by)
    SELECT execution_id, inbox, $2, $3::json, $4 FROM target
  )
  SELECT worker_id, woken FROM target`;

/** Leaves a message for an execution and wakes it when it sleeps. Undefined when it is finished or unknown. */
export async function sendSignal(
  db: Queryable,
  executionId: string,
  signal: { kind: SignalKind; payload: JsonValue; sentBy: string | null },
  redispatchSeconds: number,
): Promise<SignalDelivery | undefined> {
  const { rows } = await db.query<{ worker_id: string | null; woken: number | null }>({
    name: 'signal',
    text: SEND,
    values: [executionId, signal.kind, JSON.stringify(signal.payload), signal.sentBy, redispatchSeconds],
  });
  const row = rows[0];
  return row && { workerId: row.worker_id, wokenDispatchNo: row.woken };
}

/** The messages after `afterNumber`, oldest first. */
export async function readSignals(
  db: Queryable,
  executionId: string,
  afterNumber: number,
): Promise<Signal[]> {
  const { rows } = await db.query<{
    number: number;
    kind: SignalKind;
    payload: JsonValue;
    sent_by: string | null;
  }>({
    name: 'read_signals',
    text: `SELECT number, kind, payload, sent_by FROM signals
           WHERE execution_id = $1 AND number > $2 ORDER BY number`,
    values: [executionId, afterNumber],
  });
  return rows.map((row) => ({
    number: row.number,
    kind: row.kind,
    payload: row.payload,
    sentBy: row.sent_by,
  }));
}
