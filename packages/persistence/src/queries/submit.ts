import type { Queryable } from '../pool.js';

export interface NewExecution {
  workflowId: string;
  workflowVersion: number;
  ownerId: string;
  submittedBy: string;
  /** JSON text. */
  parameters: string;
  stepsTotal: number;
  traceId: string;
  /** JSON text of event 1. */
  queuedData: string;
  idempotency?: { key: string; bodyHash: Buffer };
}

export interface SubmittedExecution {
  executionId: string;
  createdAt: Date;
}

export const IDEMPOTENCY_HOURS = 24;

const INPUT = `
  input AS MATERIALIZED (
    SELECT i.*, clock_timestamp() AS at
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::text[], $8::text[],
                $9::text[], $10::bytea[])
      WITH ORDINALITY AS i(workflow_id, workflow_version, owner_id, submitted_by, parameters, steps_total, trace_id,
                           queued_data, key, body_hash, ord)
  ),
  made AS MATERIALIZED (SELECT *, uuid7(at) AS id FROM input)`;

const ADMIT_ALL = 'admitted AS (SELECT * FROM made)';

// A key whose 24 hours are over is taken over in place. Ordered, because overlapping batches lock these rows.
const ADMIT_BY_KEY = `
  taken AS (
    INSERT INTO idempotency_keys AS k (owner_id, workflow_id, key, body_hash, execution_id, expires_at)
    SELECT owner_id, workflow_id, key, body_hash, id, now() + interval '${String(IDEMPOTENCY_HOURS)} hours'
    FROM made WHERE key IS NOT NULL ORDER BY owner_id, workflow_id, key
    ON CONFLICT (owner_id, workflow_id, key) DO UPDATE
      SET body_hash = excluded.body_hash, execution_id = excluded.execution_id, expires_at = excluded.expires_at
      WHERE k.expires_at <= now()
    RETURNING execution_id
  ),
  admitted AS MATERIALIZED (
    SELECT * FROM made m WHERE key IS NULL OR m.id IN (SELECT execution_id FROM taken)
  )`;

const WRITE = `
  execution AS (
    INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at,
                            root_id, trace_id, steps_total)
    SELECT id, workflow_id, workflow_version, owner_id, submitted_by, parameters::json, at, id, trace_id, steps_total
    FROM admitted
  ),
  state AS (
    INSERT INTO execution_state (execution_id, workflow_id, owner_id, status, last_seq, redispatch_at)
    SELECT id, workflow_id, owner_id, 'queued', 1, now() + make_interval(secs => $11) FROM admitted
  ),
  event AS (
    INSERT INTO execution_events (execution_id, seq, type, at, data)
    SELECT id, 1, 'queued', at, queued_data::json FROM admitted
  )
  SELECT ord, id, at FROM admitted`;

const UNKEYED = `WITH ${INPUT}, ${ADMIT_ALL}, ${WRITE}`;
const KEYED = `WITH ${INPUT}, ${ADMIT_BY_KEY}, ${WRITE}`;

/**
 * Stores executions, their live state and event 1 in one statement: all of it, or nothing.
 *
 * The answer has one entry per item, in order; `undefined` where the idempotency key was taken (see `findByKey`).
 * No two items of one call may have the same key. `redispatchSeconds` is how long the caller's hint may take before the
 * sweep repeats it; 0 leaves the first hint to the sweep.
 *
 * Rejected: COPY (cannot return ids or fall back on a conflict) and one INSERT per execution (a round trip each).
 */
export async function submitExecutions(
  db: Queryable,
  items: readonly NewExecution[],
  redispatchSeconds: number,
): Promise<(SubmittedExecution | undefined)[]> {
  const keyed = items.some((item) => item.idempotency !== undefined);
  const { rows } = await db.query<{ ord: number; id: string; at: Date }>({
    name: keyed ? 'submit_keyed' : 'submit',
    text: keyed ? KEYED : UNKEYED,
    values: [
      items.map((item) => item.workflowId),
      items.map((item) => item.workflowVersion),
      items.map((item) => item.ownerId),
      items.map((item) => item.submittedBy),
      items.map((item) => item.parameters),
      items.map((item) => item.stepsTotal),
      items.map((item) => item.traceId),
      items.map((item) => item.queuedData),
      items.map((item) => item.idempotency?.key ?? null),
      items.map((item) => item.idempotency?.bodyHash ?? null),
      redispatchSeconds,
    ],
  });
  const answer: (SubmittedExecution | undefined)[] = items.map(() => undefined);
  for (const row of rows) answer[row.ord - 1] = { executionId: row.id, createdAt: row.at };
  return answer;
}

export interface KeyedExecution extends SubmittedExecution {
  bodyHash: Buffer;
}

/** The execution a key belongs to, or undefined when the key is free or its 24 hours are over. */
export async function findByKey(
  db: Queryable,
  owner: { ownerId: string; workflowId: string; key: string },
): Promise<KeyedExecution | undefined> {
  const { rows } = await db.query<{ execution_id: string; body_hash: Buffer; created_at: Date }>({
    name: 'find_by_key',
    text: `SELECT k.execution_id, k.body_hash, e.created_at
           FROM idempotency_keys k JOIN executions e ON e.id = k.execution_id
           WHERE k.owner_id = $1 AND k.workflow_id = $2 AND k.key = $3 AND k.expires_at > now()`,
    values: [owner.ownerId, owner.workflowId, owner.key],
  });
  const row = rows[0];
  return row && { executionId: row.execution_id, createdAt: row.created_at, bodyHash: row.body_hash };
}
