import type { Queryable } from '../pool.js';

/** An execution that became runnable and the number its hint carries. */
export interface Runnable {
  executionId: string;
  dispatchNo: number;
}

interface RunnableRow {
  execution_id: string;
  dispatch_no: number;
}

const toRunnable = (row: RunnableRow): Runnable => ({
  executionId: row.execution_id,
  dispatchNo: row.dispatch_no,
});

/** Rows a sweep takes at once. */
export const SWEEP_BATCH = 500;

/**
 * Executions of workers whose lease ran out (or that are gone) become runnable again, with a new number and one crash
 * more. The epoch rises, so that a worker that was only stopped for a while can write nothing, not even before somebody
 * claims. Two sweepers share the work: SKIP LOCKED, and the condition is checked again under the lock.
 */
export async function releaseExpired(db: Queryable, redispatchSeconds: number): Promise<Runnable[]> {
  const { rows } = await db.query<RunnableRow>({
    name: 'release_expired',
    text: `
      WITH expired AS MATERIALIZED (
        SELECT s.execution_id FROM execution_state s
        WHERE s.worker_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = s.worker_id AND w.lease_until > now())
        ORDER BY s.execution_id LIMIT ${String(SWEEP_BATCH)} FOR UPDATE SKIP LOCKED
      )
      UPDATE execution_state s
      SET worker_id = NULL, epoch = s.epoch + 1, dispatch_no = s.dispatch_no + 1, crashes = s.crashes + 1,
          redispatch_at = now() + make_interval(secs => $1)
      FROM expired x WHERE s.execution_id = x.execution_id
      RETURNING s.execution_id, s.dispatch_no`,
    values: [redispatchSeconds],
  });
  return rows.map(toRunnable);
}

/** A worker gives back what it has not finished: no crash is counted. Only claims of this worker and epoch. */
export async function releaseExecutions(
  db: Queryable,
  workerId: string,
  claims: readonly { executionId: string; epoch: number }[],
  redispatchSeconds: number,
): Promise<Runnable[]> {
  const { rows } = await db.query<RunnableRow>({
    name: 'release',
    text: `
      WITH mine AS MATERIALIZED (
        SELECT s.execution_id FROM execution_state s
        JOIN unnest($2::uuid[], $3::int[]) AS c(execution_id, epoch)
          ON c.execution_id = s.execution_id AND c.epoch = s.epoch
        WHERE s.worker_id = $1 ORDER BY s.execution_id FOR UPDATE OF s
      )
      UPDATE execution_state s
      SET worker_id = NULL, dispatch_no = s.dispatch_no + 1, redispatch_at = now() + make_interval(secs => $4)
      FROM mine m WHERE s.execution_id = m.execution_id
      RETURNING s.execution_id, s.dispatch_no`,
    values: [workerId, claims.map((c) => c.executionId), claims.map((c) => c.epoch), redispatchSeconds],
  });
  return rows.map(toRunnable);
}

/** Suspended executions whose time has come, or that have messages nobody read, wake up. */
export async function wakeDue(db: Queryable, redispatchSeconds: number): Promise<Runnable[]> {
  const { rows } = await db.query<RunnableRow>({
    name: 'wake_due',
    text: `
      WITH due AS MATERIALIZED (
        SELECT execution_id FROM execution_state
        WHERE wake_at <= now() AND redispatch_at IS NULL
        ORDER BY wake_at LIMIT ${String(SWEEP_BATCH)} FOR UPDATE SKIP LOCKED
      )
      UPDATE execution_state s
      SET dispatch_no = s.dispatch_no + 1, redispatch_at = now() + make_interval(secs => $1), wake_at = NULL
      FROM due d WHERE s.execution_id = d.execution_id
      RETURNING s.execution_id, s.dispatch_no`,
    values: [redispatchSeconds],
  });
  return rows.map(toRunnable);
}

/**
 * Suspended executions with a message nobody read: what a lost wake-up would leave behind. A paused one keeps other
 * messages for later, and wakes only for those that say to go on or to end.
 */
export async function wakeUnread(db: Queryable, redispatchSeconds: number): Promise<Runnable[]> {
  const { rows } = await db.query<RunnableRow>({
    name: 'wake_unread',
    text: `
      WITH unread AS MATERIALIZED (
        SELECT execution_id FROM execution_state u
        WHERE status IN ('waiting', 'paused') AND inbox > inbox_read AND redispatch_at IS NULL
          AND (status = 'waiting' OR EXISTS (
            SELECT 1 FROM signals g
            WHERE g.execution_id = u.execution_id AND g.number > u.inbox_read AND g.kind IN ('resume', 'cancel')))
        ORDER BY execution_id LIMIT ${String(SWEEP_BATCH)} FOR UPDATE SKIP LOCKED
      )
      UPDATE execution_state s
      SET dispatch_no = s.dispatch_no + 1, redispatch_at = now() + make_interval(secs => $1)
      FROM unread u WHERE s.execution_id = u.execution_id
      RETURNING s.execution_id, s.dispatch_no`,
    values: [redispatchSeconds],
  });
  return rows.map(toRunnable);
}

/** The nearest moment at which `wakeDue` will find something, by the database's clock; null when nothing sleeps. */
export async function nextWakeInMs(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ in_ms: number | null }>({
    name: 'next_wake',
    text: `SELECT (extract(epoch FROM min(wake_at) - now()) * 1000)::float8 AS in_ms
           FROM execution_state WHERE wake_at IS NOT NULL AND redispatch_at IS NULL`,
  });
  return rows[0]?.in_ms ?? null;
}

/**
 * Runnable executions whose hint is due: never given because the window was full, or given and lost. Repeats keep
 * their number, so the queue drops those it still holds. The longest overdue first, so repeats queue up behind new ones.
 */
export async function takeRedispatchable(
  db: Queryable,
  limit: number,
  againSeconds: number,
): Promise<Runnable[]> {
  const { rows } = await db.query<RunnableRow>({
    name: 'redispatch',
    text: `
      WITH due AS MATERIALIZED (
        SELECT execution_id FROM execution_state
        WHERE redispatch_at <= now() ORDER BY redispatch_at LIMIT $1 FOR UPDATE SKIP LOCKED
      )
      UPDATE execution_state s SET redispatch_at = now() + make_interval(secs => $2)
      FROM due d WHERE s.execution_id = d.execution_id
      RETURNING s.execution_id, s.dispatch_no`,
    values: [limit, againSeconds],
  });
  return rows.map(toRunnable);
}

/** Takes back what `takeRedispatchable` promised when the hints could not be given: they are due at once. */
export async function undoRedispatch(db: Queryable, runnables: readonly Runnable[]): Promise<void> {
  await db.query({
    name: 'undo_redispatch',
    text: `UPDATE execution_state s SET redispatch_at = now()
           FROM (SELECT * FROM unnest($1::uuid[], $2::int[]) AS r(execution_id, dispatch_no) ORDER BY 1) r
           WHERE s.execution_id = r.execution_id AND s.dispatch_no = r.dispatch_no AND s.redispatch_at IS NOT NULL`,
    values: [runnables.map((r) => r.executionId), runnables.map((r) => r.dispatchNo)],
  });
}

/** The queue's store lost its contents: every hint is due now. Returns how many. */
export async function redispatchEverything(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    'UPDATE execution_state SET redispatch_at = now() WHERE redispatch_at > now()',
  );
  return rowCount ?? 0;
}

/** Executions asked to cancel longer ago than the grace, which their worker did not end. */
export async function overdueCancellations(db: Queryable, graceSeconds: number): Promise<string[]> {
  const { rows } = await db.query<{ execution_id: string }>({
    name: 'overdue_cancellations',
    text: `SELECT execution_id FROM execution_state
           WHERE cancel_requested_at < now() - make_interval(secs => $1)
           ORDER BY cancel_requested_at LIMIT ${String(SWEEP_BATCH)}`,
    values: [graceSeconds],
  });
  return rows.map((row) => row.execution_id);
}

/** Makes the partitions of the coming weeks. Returns how many were missing. */
export async function createPartitionsAhead(db: Queryable, days: number): Promise<number> {
  const { rows } = await db.query<{ made: number }>(
    'SELECT create_partitions(now(), now() + make_interval(days => $1)) AS made',
    [days],
  );
  return rows[0]?.made ?? 0;
}

/**
 * Removes what only had a time to live: keys, tickets, sessions, throttling windows, workers long gone, kept events, old
 * approvals, budgets of what has ended, and what was written while its execution ended elsewhere.
 */
export async function deleteExpired(db: Queryable): Promise<number> {
  let deleted = 0;
  for (const statement of [
    'DELETE FROM idempotency_keys WHERE expires_at < now()',
    'DELETE FROM stream_tickets WHERE expires_at < now()',
    // With their refresh tokens.
    "DELETE FROM sessions WHERE expires_at < now() - interval '1 day'",
    "DELETE FROM login_failures WHERE window_ends_at < now() - interval '1 day'",
    "DELETE FROM workers WHERE lease_until < now() - interval '1 hour'",
    `DELETE FROM execution_snapshots n
     WHERE NOT EXISTS (SELECT 1 FROM execution_state s WHERE s.execution_id = n.execution_id)`,
    'DELETE FROM external_events WHERE expires_at < now()',
    'DELETE FROM event_receipts WHERE expires_at < now()',
    `DELETE FROM budgets b
     WHERE NOT EXISTS (SELECT 1 FROM execution_state s WHERE s.execution_id = b.execution_id)`,
    // Registered while their execution ended, or left by a follow-up that was lost.
    `DELETE FROM event_waits w
     WHERE NOT EXISTS (SELECT 1 FROM execution_state s WHERE s.execution_id = w.execution_id)`,
    // The log keeps what was decided. Ids begin with the time, so the old ones are a range.
    `DELETE FROM approvals WHERE id < uuid7_floor(now() - interval '90 days') AND status <> 'open'`,
  ]) {
    deleted += (await db.query(statement)).rowCount ?? 0;
  }
  return deleted;
}

/**
 * Removes versions of tested drafts that no execution is left of, two days after they were made: a test takes up one that
 * is younger than a day, so none goes while somebody is about to use it.
 */
export async function deleteUnusedTests(db: Queryable): Promise<number> {
  const { rowCount } = await db.query({
    name: 'delete_unused_tests',
    text: `
      WITH unused AS MATERIALIZED (
        SELECT v.workflow_id, v.version FROM workflow_versions v
        WHERE v.version < 0 AND v.created_at < now() - interval '2 days'
          AND NOT EXISTS (
            SELECT 1 FROM executions e
            WHERE e.workflow_version < 0 AND e.workflow_id = v.workflow_id AND e.workflow_version = v.version)
        ORDER BY v.created_at LIMIT ${String(SWEEP_BATCH)} FOR UPDATE SKIP LOCKED
      )
      DELETE FROM workflow_versions v USING unused u WHERE v.workflow_id = u.workflow_id AND v.version = u.version`,
  });
  return rowCount ?? 0;
}

/** How many executions could start this moment, and how long the oldest of them has waited: what to scale on. */
export async function countRunnable(db: Queryable): Promise<{ runnable: number; oldestSeconds: number }> {
  const { rows } = await db.query<{ runnable: number; oldest_seconds: number | null }>({
    name: 'count_runnable',
    text: `SELECT (SELECT count(*) FROM execution_state WHERE redispatch_at IS NOT NULL) AS runnable,
                  (SELECT extract(epoch FROM now() - e.created_at)::float8
                   FROM execution_state s JOIN executions e ON e.id = s.execution_id
                   WHERE s.redispatch_at IS NOT NULL ORDER BY s.redispatch_at LIMIT 1) AS oldest_seconds`,
  });
  return { runnable: rows[0]?.runnable ?? 0, oldestSeconds: rows[0]?.oldest_seconds ?? 0 };
}
