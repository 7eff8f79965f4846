import type { EventType, TerminalStatus } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

export interface Termination {
  executionId: string;
  /** Both as read; a claim or an append in between makes this a no-op. */
  epoch: number;
  seq: number;
  status: TerminalStatus;
  event: { type: EventType; data: string };
  /** JSON text. */
  error: string | null;
}

// Removing the live row fences whoever still runs it: their next append finds no epoch to match.
const TERMINATE = `
  WITH victim AS MATERIALIZED (
    SELECT * FROM execution_state WHERE execution_id = $1 AND epoch = $2 AND last_seq = $3 FOR UPDATE
  ),
  logged AS (
    INSERT INTO execution_events (execution_id, seq, type, at, data)
    SELECT execution_id, last_seq + 1, $5, now(), $6::json FROM victim
  ),
  recorded AS (
    UPDATE executions x
    SET status = $4, started_at = v.started_at, completed_at = now(), steps_completed = v.steps_completed,
        error = $7::json, usage = v.usage, final_epoch = v.epoch + 1, final_seq = v.last_seq + 1
    FROM victim v WHERE x.id = v.execution_id
  ),
  finished_children AS (
    UPDATE children c SET finished_at = now() FROM victim v WHERE c.child_id = v.execution_id AND v.follow_up
  ),
  due_callbacks AS (
    UPDATE callbacks c SET next_attempt_at = now() FROM victim v WHERE c.execution_id = v.execution_id AND v.follow_up
  ),
  read_signals AS (DELETE FROM signals g USING victim v WHERE g.execution_id = v.execution_id),
  old_snapshots AS (DELETE FROM execution_snapshots n USING victim v WHERE n.execution_id = v.execution_id),
  ended AS (DELETE FROM execution_state s USING victim v WHERE s.execution_id = v.execution_id)
  SELECT now() AS at, follow_up FROM victim`;

export interface Terminated {
  /** The event's timestamp. */
  at: Date;
  /** Others have to hear of the end. */
  followUp: boolean;
}

/** Ends an execution from outside its worker. Undefined when its position has moved on. */
export async function terminateExecution(
  db: Queryable,
  termination: Termination,
): Promise<Terminated | undefined> {
  const { rows } = await db.query<{ at: Date; follow_up: boolean }>({
    name: 'terminate',
    text: TERMINATE,
    values: [
      termination.executionId,
      termination.epoch,
      termination.seq,
      termination.status,
      termination.event.type,
      termination.event.data,
      termination.error,
    ],
  });
  const row = rows[0];
  return row && { at: row.at, followUp: row.follow_up };
}

/** Where a fenced execution stands, which is where it can be ended from. */
export interface FencedPosition {
  epoch: number;
  lastSeq: number;
  workflowId: string;
}

/**
 * Raises the epoch: whoever runs the execution can write nothing more. With `onlyAbandoned` it does so only where no
 * worker with a valid lease has it. Undefined when that is not so, or the execution is finished or unknown.
 */
export async function fenceExecution(
  db: Queryable,
  executionId: string,
  { onlyAbandoned }: { onlyAbandoned: boolean },
): Promise<FencedPosition | undefined> {
  const { rows } = await db.query<{ epoch: number; last_seq: number; workflow_id: string }>({
    name: 'fence',
    text: `UPDATE execution_state s SET epoch = epoch + 1
           WHERE execution_id = $1 AND (NOT $2 OR worker_id IS NULL OR NOT EXISTS (
             SELECT 1 FROM workers w WHERE w.id = s.worker_id AND w.lease_until > now()))
           RETURNING epoch, last_seq, workflow_id`,
    values: [executionId, onlyAbandoned],
  });
  const row = rows[0];
  return row && { epoch: row.epoch, lastSeq: row.last_seq, workflowId: row.workflow_id };
}
