import type { CallbackTarget } from '@millrace/contracts';
import type { Queryable } from '../pool.js';
import type { SealedSecrets } from '../repositories/webhooks.js';

export interface ClaimedCallback {
  executionId: string;
  workflowId: string;
  target: CallbackTarget;
  /** Fences the result of this attempt. */
  claim: number;
  /** This one included. */
  attempt: number;
}

export interface CallbackClaim {
  limit: number;
  /** Most at once to one receiver. */
  perHost: number;
  /** Of these the caller is delivering so many now. */
  busy: Readonly<Record<string, number>>;
  /** When an attempt whose scheduler died is due again. */
  leaseSeconds: number;
}

// The hosts first, one step of the index each, then a few of each: a plain ORDER BY next_attempt_at would let the
// thousands of one dead receiver stand before everybody else's.
const CLAIM = `
  WITH RECURSIVE hosts AS (
    (SELECT host FROM callbacks WHERE next_attempt_at IS NOT NULL ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT c.host FROM callbacks c WHERE c.next_attempt_at IS NOT NULL AND c.host > h.host
            ORDER BY c.host LIMIT 1)
    FROM hosts h WHERE h.host IS NOT NULL
  ),
  candidates AS MATERIALIZED (
    SELECT d.execution_id, d.next_attempt_at
    FROM hosts h CROSS JOIN LATERAL (
      SELECT c.execution_id, c.next_attempt_at FROM callbacks c
      WHERE c.host = h.host AND c.next_attempt_at <= now()
      ORDER BY c.next_attempt_at
      LIMIT greatest(0, $2 - coalesce(($3::jsonb ->> h.host)::int, 0))
    ) d
    WHERE h.host IS NOT NULL
    ORDER BY d.next_attempt_at LIMIT $1
  ),
  due AS MATERIALIZED (
    SELECT c.execution_id FROM callbacks c JOIN candidates d ON d.execution_id = c.execution_id
    WHERE c.next_attempt_at <= now() ORDER BY c.execution_id FOR UPDATE OF c SKIP LOCKED
  )
  UPDATE callbacks c
  SET claim = c.claim + 1, attempts = c.attempts + 1, last_attempt_at = now(),
      next_attempt_at = now() + make_interval(secs => $4)
  FROM due d WHERE c.execution_id = d.execution_id
  RETURNING c.execution_id, c.workflow_id, c.target, c.claim, c.attempts`;

/** Takes what is due. Two schedulers share the work; what one took is due again when its lease is over. */
export async function claimCallbacks(
  db: Queryable,
  { limit, perHost, busy, leaseSeconds }: CallbackClaim,
): Promise<ClaimedCallback[]> {
  const { rows } = await db.query<{
    execution_id: string;
    workflow_id: string;
    target: CallbackTarget;
    claim: number;
    attempts: number;
  }>({
    name: 'claim_callbacks',
    text: CLAIM,
    values: [limit, perHost, JSON.stringify(busy), leaseSeconds],
  });
  return rows.map((row) => ({
    executionId: row.execution_id,
    workflowId: row.workflow_id,
    target: row.target,
    claim: row.claim,
    attempt: row.attempts,
  }));
}

/** What came of an attempt. `pending` is tried again after `retrySeconds`. */
export interface CallbackResult {
  state: 'pending' | 'delivered' | 'failed' | 'skipped';
  retrySeconds?: number | undefined;
  status: number | null;
  error: string | null;
}

/** False when the attempt was no longer the newest: its lease was over, or somebody asked for another delivery. */
export async function settleCallback(
  db: Queryable,
  { executionId, claim }: Pick<ClaimedCallback, 'executionId' | 'claim'>,
  { state, retrySeconds, status, error }: CallbackResult,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'settle_callback',
    text: `UPDATE callbacks
           SET state = $3, last_status = $4, last_error = $5,
               next_attempt_at = CASE WHEN $3 = 'pending' THEN now() + make_interval(secs => $6) END
           WHERE execution_id = $1 AND claim = $2 AND state = 'pending'`,
    values: [executionId, claim, state, status, error, retrySeconds ?? 0],
  });
  return rowCount === 1;
}

/** Makes a callback due now, from its first attempt. False when its execution has not ended, or there is none. */
export async function redeliverCallback(db: Queryable, executionId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'redeliver_callback',
    text: `UPDATE callbacks
           SET state = 'pending', next_attempt_at = now(), attempts = 0, claim = claim + 1
           WHERE execution_id = $1 AND (state <> 'pending' OR next_attempt_at IS NOT NULL)`,
    values: [executionId],
  });
  return rowCount === 1;
}

/** Until the next attempt, by the database's clock; null when none is due. */
export async function nextCallbackInMs(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ in_ms: number | null }>({
    name: 'next_callback',
    text: `SELECT (extract(epoch FROM min(next_attempt_at) - now()) * 1000)::float8 AS in_ms
           FROM callbacks WHERE next_attempt_at IS NOT NULL`,
  });
  return rows[0]?.in_ms ?? null;
}

export const KEPT_CALLBACK_DAYS = 30;

/** Forgets callbacks that were settled long ago. Returns how many. */
export async function deleteSettledCallbacks(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM callbacks WHERE execution_id IN (
       SELECT execution_id FROM callbacks
       WHERE state <> 'pending' AND last_attempt_at < now() - make_interval(days => $1)
       ORDER BY last_attempt_at LIMIT 5000)`,
    [KEPT_CALLBACK_DAYS],
  );
  return rowCount ?? 0;
}

export async function readWorkflowCallback(
  db: Queryable,
  workflowId: string,
): Promise<{ target: CallbackTarget | null } | undefined> {
  const { rows } = await db.query<{ target: CallbackTarget | null }>({
    name: 'read_workflow_callback',
    text: 'SELECT target FROM workflow_callbacks WHERE workflow_id = $1',
    values: [workflowId],
  });
  return rows[0];
}

/** The signing secrets of a workflow, encrypted. The one before counts only while its time is not over. */
export async function readSigningSecrets(
  db: Queryable,
  workflowId: string,
): Promise<SealedSecrets | undefined> {
  const { rows } = await db.query<{
    secret: string | null;
    previous_secret: string | null;
    previous_secret_until: Date | null;
  }>({
    name: 'read_signing_secrets',
    text: `SELECT secret, CASE WHEN previous_secret_until > now() THEN previous_secret END AS previous_secret,
             CASE WHEN previous_secret_until > now() THEN previous_secret_until END AS previous_secret_until
           FROM workflow_callbacks WHERE workflow_id = $1`,
    values: [workflowId],
  });
  const [row] = rows;
  return (
    row && {
      secret: row.secret,
      previousSecret: row.previous_secret,
      previousSecretUntil: row.previous_secret_until,
    }
  );
}

/** Gives a workflow its first signing secret; whoever comes second leaves the first one's. `by` is a user's id. */
export async function offerSigningSecret(
  db: Queryable,
  workflowId: string,
  sealed: string,
  by: string,
): Promise<void> {
  await db.query({
    name: 'offer_signing_secret',
    text: `INSERT INTO workflow_callbacks AS c (workflow_id, secret, updated_by) VALUES ($1, $2, $3)
           ON CONFLICT (workflow_id) DO UPDATE SET secret = excluded.secret WHERE c.secret IS NULL`,
    values: [workflowId, sealed, by],
  });
}

/** Gives a workflow another signing secret; the one before counts for a while longer. */
export async function rotateSigningSecret(
  db: Queryable,
  workflowId: string,
  sealed: string,
  by: string,
  keepPreviousSeconds: number,
): Promise<void> {
  await db.query({
    name: 'rotate_signing_secret',
    text: `INSERT INTO workflow_callbacks AS c (workflow_id, secret, updated_by) VALUES ($1, $2, $3)
           ON CONFLICT (workflow_id) DO UPDATE SET
             secret = excluded.secret, updated_by = excluded.updated_by,
             previous_secret = CASE WHEN $4 > 0 THEN c.secret END,
             previous_secret_until =
               CASE WHEN $4 > 0 AND c.secret IS NOT NULL THEN now() + make_interval(secs => $4) END`,
    values: [workflowId, sealed, by, keepPreviousSeconds],
  });
}
