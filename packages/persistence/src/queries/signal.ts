import type { AnswerPayload, JsonValue, SignalKind } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface Signal {
  number: number;
  kind: SignalKind;
  payload: JsonValue;
  sentBy: string | null;
}

export interface SignalDelivery {
  executionId: string;
  /** The worker that runs it and has to be told, if any. */
  workerId: string | null;
  /** Set when this signal woke it: hint it with this number. */
  wokenDispatchNo: number | null;
}

/**
 * Whom a message wakes: what waits, by any; what is paused, only by those that say to go on or to end. `kind` is the SQL
 * of the message's kind.
 */
function isWoken(kind: string): string {
  return `(status = 'waiting' OR (status = 'paused' AND ${kind} IN ('resume', 'cancel'))) AND redispatch_at IS NULL`;
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
        dispatch_no = CASE WHEN ${isWoken('$2')} THEN dispatch_no + 1 ELSE dispatch_no END,
        redispatch_at = CASE WHEN ${isWoken('$2')}
                             THEN now() + make_interval(secs => $5) ELSE redispatch_at END
    WHERE execution_id = $1
    RETURNING execution_id, inbox, worker_id,
              -- Ours is the wake-up when the time is ours; a tie repeats a hint, which is harmless.
              CASE WHEN status IN ('waiting', 'paused') AND redispatch_at = now() + make_interval(secs => $5)
                   THEN dispatch_no END AS woken
  ),
  stored AS (
    INSERT INTO signals (execution_id, number, kind, payload, sent_by)
    SELECT execution_id, inbox, $2, $3::json, $4 FROM target
  )
  SELECT execution_id, worker_id, woken FROM target`;

/** Leaves a message for an execution and wakes it when it sleeps. Undefined when it is finished or unknown. */
export async function sendSignal(
  db: Queryable,
  executionId: string,
  signal: { kind: SignalKind; payload: JsonValue; sentBy: string | null },
  redispatchSeconds: number,
): Promise<SignalDelivery | undefined> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'signal',
    text: SEND,
    values: [executionId, signal.kind, JSON.stringify(signal.payload), signal.sentBy, redispatchSeconds],
  });
  const row = rows[0];
  return row && toDelivery(row);
}

/**
 * The end of a statement that leaves many messages at once, `numbered` before it: execution_id, kind, payload (JSON
 * text), sent_by, and `place` from 1 among those of the same execution. $1 is the redispatch time in seconds. Rows are
 * locked in id order.
 */
export const RECEIVE = `
  counted AS MATERIALIZED (
    SELECT execution_id, max(place) AS messages, bool_or(kind IN ('resume', 'cancel')) AS rousing
    FROM numbered GROUP BY execution_id
  ),
  receivers AS MATERIALIZED (
    SELECT s.execution_id, c.messages, c.rousing
    FROM execution_state s JOIN counted c USING (execution_id)
    ORDER BY s.execution_id FOR UPDATE OF s
  ),
  target AS (
    UPDATE execution_state s
    SET inbox = s.inbox + r.messages,
        dispatch_no = s.dispatch_no + CASE WHEN s.redispatch_at IS NULL
          AND (s.status = 'waiting' OR (s.status = 'paused' AND r.rousing)) THEN 1 ELSE 0 END,
        redispatch_at = CASE WHEN s.redispatch_at IS NULL
          AND (s.status = 'waiting' OR (s.status = 'paused' AND r.rousing))
          THEN now() + make_interval(secs => $1) ELSE s.redispatch_at END
    FROM receivers r WHERE s.execution_id = r.execution_id
    RETURNING s.execution_id, s.inbox - r.messages AS before, s.worker_id,
              CASE WHEN s.status IN ('waiting', 'paused') AND s.redispatch_at = now() + make_interval(secs => $1)
                   THEN s.dispatch_no END AS woken
  ),
  stored AS (
    INSERT INTO signals (execution_id, number, kind, payload, sent_by)
    SELECT t.execution_id, t.before + n.place, n.kind, n.payload::json, n.sent_by
    FROM target t JOIN numbered n USING (execution_id)
  )
  SELECT execution_id, worker_id, woken FROM target`;

export interface DeliveryRow {
  execution_id: string;
  worker_id: string | null;
  woken: number | null;
}

export function toDelivery(row: DeliveryRow): SignalDelivery {
  return { executionId: row.execution_id, workerId: row.worker_id, wokenDispatchNo: row.woken };
}

const SEND_ALL = `
  WITH numbered AS MATERIALIZED (
    SELECT i.*, $2::text AS kind, $3::uuid AS sent_by,
           row_number() OVER (PARTITION BY execution_id ORDER BY ord)::int AS place
    FROM unnest($4::uuid[], $5::text[]) WITH ORDINALITY AS i(execution_id, payload, ord)
  ),
  ${RECEIVE}`;

/** Leaves messages for many executions, several for one too. The answer leaves out those that are finished or unknown. */
export async function sendSignals(
  db: Queryable,
  { kind, sentBy }: { kind: 'approval' | 'event'; sentBy: string | null },
  messages: readonly { executionId: string; payload: AnswerPayload }[],
  redispatchSeconds: number,
): Promise<SignalDelivery[]> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'signal_all',
    text: SEND_ALL,
    values: [
      redispatchSeconds,
      kind,
      sentBy,
      messages.map((message) => message.executionId),
      messages.map((message) => JSON.stringify(message.payload)),
    ],
  });
  return rows.map(toDelivery);
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
