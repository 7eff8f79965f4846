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
// signal or the signal sees the suspension. All of it is one UPDATE of one row version. Rejected: reading `status` in a
// CTE with FOR UPDATE first: Postgres checks constraints before it notices that the row has moved on, and would mix
// the new status with the old worker.
const SEND = `
  WITH target AS (
    UPDATE execution_state
    SET inbox = inbox + 1,
        cancel_requested_at = CASE WHEN $2 = 'cancel' THEN coalesce(cancel_requested_at, now())
                                   ELSE cancel_requested_at END,
        dispatch_no = CASE WHEN status = 'waiting' AND redispatch_at IS NULL THEN dispatch_no + 1
                           ELSE dispatch_no END,
        redispatch_at = CASE WHEN status = 'waiting' AND redispatch_at IS NULL
                             THEN now() + make_interval(secs => $5) ELSE redispatch_at END
    WHERE execution_id = $1
    RETURNING execution_id, inbox, worker_id,
              -- Ours is the wake-up when the time is ours; a tie repeats a hint, which is harmless.
              CASE WHEN status = 'waiting' AND redispatch_at = now() + make_interval(secs => $5)
                   THEN dispatch_no END AS woken
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
