import type { EventType, TerminalStatus } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface AppendedEvent {
  type: EventType;
  /** JSON text. */
  data: string;
}

/** Where an append leaves the execution. */
export type AppendOutcome =
  | { status: 'running' }
  | { status: 'paused' }
  /**
   * Suspends: refused, as `paused` is, when a message arrived that this worker has not seen. `wakeAt` null waits for a
   * message only.
   */
  | { status: 'waiting'; wakeAt: Date | null }
  /** Ends it. `result` and `error` are JSON text; code and fingerprint are of the error of a failed or timed out one. */
  | {
      status: TerminalStatus;
      result: string | null;
      error: string | null;
      errorCode?: string;
      errorFingerprint?: string;
    };

export interface Append {
  executionId: string;
  epoch: number;
  /** `last_seq` before this append. */
  seq: number;
  events: readonly AppendedEvent[];
  outcome: AppendOutcome;
  /** How many messages of the inbox this state has taken into account. */
  inboxSeen: number;
  stepsCompleted: number;
  currentStep: string | null;
  /** What its model calls consumed so far, JSON text. Without it, what was told before holds on. */
  usage?: string | undefined;
}

// The compare-and-set is `passed`: its rows are locked in id order (unordered overlapping batches deadlock), and only
// what passed is written. Rejected: one statement per execution, at a fifth of the rate.
const APPEND = `
  WITH input AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::text[], $6::timestamptz[], $7::int[],
                         $8::int[], $9::text[], $10::text[], $11::text[], $12::text[], $17::text[],
                         $18::text[])
      AS i(execution_id, epoch, seq, new_seq, status, wake_at, inbox_seen, steps_completed, current_step, result, error,
           error_fingerprint, usage, error_code)
  ),
  passed AS MATERIALIZED (
    SELECT i.*, i.status IN ('completed', 'failed', 'cancelled', 'timed_out') AS terminal, s.started_at, s.inbox, s.follow_up,
           coalesce(i.usage::json, s.usage) AS used
    FROM input i JOIN execution_state s ON s.execution_id = i.execution_id
    WHERE s.epoch = i.epoch AND s.last_seq = i.seq AND (i.status NOT IN ('waiting', 'paused') OR s.inbox = i.inbox_seen)
    ORDER BY s.execution_id FOR UPDATE OF s
  ),
  logged AS (
    INSERT INTO execution_events (execution_id, seq, type, at, data)
    SELECT e.execution_id, e.seq, e.type, now(), e.data::json
    FROM unnest($13::uuid[], $14::int[], $15::text[], $16::text[]) AS e(execution_id, seq, type, data)
    WHERE e.execution_id IN (SELECT execution_id FROM passed)
  ),
  moved AS (
    UPDATE execution_state s
    SET last_seq = p.new_seq, status = p.status, inbox_read = p.inbox_seen, steps_completed = p.steps_completed,
        current_step = p.current_step, wake_at = p.wake_at, usage = p.used,
        worker_id = CASE WHEN p.status = 'running' THEN s.worker_id END
    FROM passed p WHERE s.execution_id = p.execution_id AND NOT p.terminal
  ),
  ended AS (
    DELETE FROM execution_state s USING passed p WHERE s.execution_id = p.execution_id AND p.terminal
  ),
  recorded AS (
    UPDATE executions x
    SET status = p.status, started_at = p.started_at, completed_at = now(), steps_completed = p.steps_completed,
        result = p.result::json, error = p.error::json, error_fingerprint = p.error_fingerprint,
        error_code = p.error_code, usage = p.used,
        final_epoch = p.epoch, final_seq = p.new_seq
    FROM passed p WHERE x.id = p.execution_id AND p.terminal
  ),
  finished_children AS (
    UPDATE children c SET finished_at = now()
    FROM passed p WHERE c.child_id = p.execution_id AND p.terminal AND p.follow_up
  ),
  due_callbacks AS (
    UPDATE callbacks c SET next_attempt_at = now()
    FROM passed p WHERE c.execution_id = p.execution_id AND p.terminal AND p.follow_up
  ),
  read_signals AS (
    DELETE FROM signals g USING passed p
    WHERE p.terminal AND p.inbox > 0 AND g.execution_id = p.execution_id
  ),
  old_snapshots AS (
    DELETE FROM execution_snapshots n USING passed p
    WHERE p.terminal AND p.new_seq > 1000 AND n.execution_id = p.execution_id
  )
  SELECT execution_id, now() AS at, terminal AND follow_up AS follow_up FROM passed`;

export interface AppendResult {
  /** Those whose compare-and-set held. All others are fenced: another claim, or a message not yet seen. */
  committed: ReadonlySet<string>;
  /** The timestamp of every event of this call; undefined when nothing was committed. */
  at: Date | undefined;
  /** Those that ended and of whose end others have to hear. */
  followUps: readonly string[];
}

/**
 * The only way the log of a claimed execution grows: appends of many executions in one statement.
 * An execution may occur once in a call. Throws on a data error of any of them (see `isDataError`): nothing is written then.
 */
export async function appendEvents(db: Queryable, appends: readonly Append[]): Promise<AppendResult> {
  const events = appends.flatMap((append) =>
    append.events.map((event, index) => ({ append, event, seq: append.seq + index + 1 })),
  );
  const { rows } = await db.query<{ execution_id: string; at: Date; follow_up: boolean }>({
    name: 'append',
    text: APPEND,
    values: [
      appends.map((a) => a.executionId),
      appends.map((a) => a.epoch),
      appends.map((a) => a.seq),
      appends.map((a) => a.seq + a.events.length),
      appends.map((a) => a.outcome.status),
      appends.map((a) => (a.outcome.status === 'waiting' ? a.outcome.wakeAt : null)),
      appends.map((a) => a.inboxSeen),
      appends.map((a) => a.stepsCompleted),
      appends.map((a) => a.currentStep),
      appends.map((a) => ('result' in a.outcome ? a.outcome.result : null)),
      appends.map((a) => ('error' in a.outcome ? a.outcome.error : null)),
      appends.map((a) => ('errorFingerprint' in a.outcome ? (a.outcome.errorFingerprint ?? null) : null)),
      events.map((e) => e.append.executionId),
      events.map((e) => e.seq),
      events.map((e) => e.event.type),
      events.map((e) => e.event.data),
      appends.map((a) => a.usage ?? null),
      appends.map((a) => ('errorCode' in a.outcome ? (a.outcome.errorCode ?? null) : null)),
    ],
  });
  return {
    committed: new Set(rows.map((row) => row.execution_id)),
    at: rows[0]?.at,
    followUps: rows.filter((row) => row.follow_up).map((row) => row.execution_id),
  };
}

/** Where the log of an execution stands: how a worker learns the fate of an append whose answer was lost. */
export async function readPosition(
  db: Queryable,
  executionId: string,
): Promise<{ epoch: number; lastSeq: number } | undefined> {
  const { rows } = await db.query<{ epoch: number; last_seq: number }>({
    name: 'read_position',
    text: `SELECT coalesce(s.epoch, e.final_epoch) AS epoch, coalesce(s.last_seq, e.final_seq) AS last_seq
           FROM executions e LEFT JOIN execution_state s ON s.execution_id = e.id WHERE e.id = $1`,
    values: [executionId],
  });
  const row = rows[0];
  return row && { epoch: row.epoch, lastSeq: row.last_seq };
}

/**
 * True when a value was refused (invalid text, too deep or too large JSON, out of range, a constraint) rather than the
 * statement or the connection: one execution of the batch is to blame and the others can go on.
 */
export function isDataError(error: unknown): boolean {
  // The client's own refusal: a text longer than a string can be.
  if (error instanceof RangeError) return true;
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  const { code } = error;
  // 22: data exception, 23: constraint, 54: program limit (JSON nested too deeply, row too large).
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
