import type { Queryable } from '../pool.js';

/** The place of a child in its parent: started once, however often it is asked for. */
export interface ChildPlace {
  /** Of the parent. */
  executionId: string;
  stepId: string;
  /** Null at the top level. */
  iteration: string | null;
  attempt: number;
  slot: number;
}

export interface NewExecution {
  workflowId: string;
  workflowVersion: number;
  /** Runs to this step; all of it without one. */
  untilStep?: string;
  /** Whom the workflow belonged to when it was looked at; of a child the owner of its parent. */
  ownerId: string;
  submittedBy: string;
  /** JSON text. */
  parameters: string;
  stepsTotal: number;
  traceId: string;
  /** JSON text of event 1. */
  queuedData: string;
  idempotency?: { key: string; bodyHash: Buffer };
  retry?: {
    of: string;
    rootId: string;
    /** JSON text of each `step_reused` event, which become seq 2 and on. */
    reused: readonly string[];
  };
  parent?: ChildPlace & {
    depth: number;
    detached: boolean;
    /** JSON text. */
    shard: string | null;
  };
  /** JSON text of whom to tell when the execution ends, a `CallbackTarget`. */
  callback?: string;
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

// What only some submissions carry. A statement of its own, so that the frequent ones stay as small as they are.
const LINKED_INPUT = `
  ${INPUT},
  link AS MATERIALIZED (
    SELECT m.id AS link_id, l.*
    FROM made m JOIN unnest($12::uuid[], $13::uuid[], $14::uuid[], $15::text[], $16::text[], $17::int[], $18::int[],
                            $19::int[], $20::boolean[], $21::text[], $22::boolean[], $23::int[], $27::text[],
                            $28::text[])
      WITH ORDINALITY AS l(retry_of, root_id, parent_id, parent_step, parent_iteration, parent_attempt, slot,
                           depth, detached, shard, follow_up, last_seq, callback, until_step, place)
      ON l.place = m.ord
  )`;

// An execution belongs to whoever owns its workflow now: a transfer may have come after the caller looked.
const OWNER = 'coalesce((SELECT w.owner_id FROM workflows w WHERE w.id = m.workflow_id), m.owner_id)';

const ADMIT_ALL = `admitted AS MATERIALIZED (SELECT m.*, ${OWNER} AS owner FROM made m)`;

// A key whose 24 hours are over is taken over in place. Ordered, because overlapping batches lock these rows.
const TAKE_KEYS = `
  taken AS (
    INSERT INTO idempotency_keys AS k (owner_id, workflow_id, key, body_hash, execution_id, expires_at)
    SELECT owner_id, workflow_id, key, body_hash, id, now() + interval '${String(IDEMPOTENCY_HOURS)} hours'
    FROM made WHERE key IS NOT NULL ORDER BY owner_id, workflow_id, key
    ON CONFLICT (owner_id, workflow_id, key) DO UPDATE
      SET body_hash = excluded.body_hash, execution_id = excluded.execution_id, expires_at = excluded.expires_at
      WHERE k.expires_at <= now()
    RETURNING execution_id
  )`;

const ADMIT_BY_KEY = `
  ${TAKE_KEYS},
  admitted AS MATERIALIZED (
    SELECT m.*, ${OWNER} AS owner FROM made m WHERE key IS NULL OR m.id IN (SELECT execution_id FROM taken)
  )`;

// A place holds one child: whoever asks for it again finds the first.
const ADMIT_LINKED = `
  ${TAKE_KEYS},
  placed AS (
    INSERT INTO children (parent_id, step_id, iteration, attempt, slot, child_id, detached)
    SELECT parent_id, parent_step, coalesce(parent_iteration, ''), parent_attempt, slot, link_id, detached
    FROM link WHERE parent_id IS NOT NULL
    ORDER BY parent_id, parent_step, parent_iteration, parent_attempt, slot
    ON CONFLICT DO NOTHING
    RETURNING child_id
  ),
  admitted AS MATERIALIZED (
    SELECT m.*, l.*, CASE WHEN l.parent_id IS NULL THEN ${OWNER} ELSE m.owner_id END AS owner
    FROM made m JOIN link l ON l.link_id = m.id
    WHERE (key IS NULL OR m.id IN (SELECT execution_id FROM taken))
      AND (l.parent_id IS NULL OR m.id IN (SELECT child_id FROM placed))
  )`;

const WRITE = `
  execution AS (
    INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at,
                            root_id, trace_id, steps_total)
    SELECT id, workflow_id, workflow_version, owner, submitted_by, parameters::json, at, id, trace_id, steps_total
    FROM admitted
  ),
  state AS (
    INSERT INTO execution_state (execution_id, workflow_id, owner_id, status, last_seq, redispatch_at)
    SELECT id, workflow_id, owner, 'queued', 1, now() + make_interval(secs => $11) FROM admitted
  ),
  event AS (
    INSERT INTO execution_events (execution_id, seq, type, at, data)
    SELECT id, 1, 'queued', at, queued_data::json FROM admitted
  )
  SELECT ord, id, at FROM admitted`;

// With the repetition its original is dealt with: a mark of its own could be lost, and the same failure retried twice.
// Locked in order, as by everybody who deals with failures.
const MARK_RETRIED = `
  retried AS MATERIALIZED (
    SELECT id FROM executions e
    WHERE e.id = ANY($12::uuid[]) AND e.status IN ('failed', 'cancelled', 'timed_out') AND e.resolved_at IS NULL
      AND e.id IN (SELECT retry_of FROM admitted)
    ORDER BY e.id FOR UPDATE
  ),
  marked AS (
    UPDATE executions e
    SET resolved_at = now(), resolution = 'retried',
        resolved_by = (SELECT a.submitted_by FROM admitted a WHERE a.retry_of = e.id LIMIT 1)
    FROM retried r WHERE e.id = r.id
  )`;

const WRITE_LINKED = `
  execution AS (
    INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at,
                            root_id, trace_id, steps_total, retry_of, parent_id, parent_step, parent_iteration,
                            depth, shard, detached, until_step)
    SELECT id, workflow_id, workflow_version, owner, submitted_by, parameters::json, at,
           coalesce(root_id, id), trace_id, steps_total, retry_of, parent_id, parent_step, parent_iteration,
           depth, shard::json, coalesce(detached, false), until_step
    FROM admitted
  ),
  state AS (
    INSERT INTO execution_state (execution_id, workflow_id, owner_id, status, last_seq, follow_up, redispatch_at)
    SELECT id, workflow_id, owner, 'queued', last_seq, follow_up, now() + make_interval(secs => $11) FROM admitted
  ),
  callback AS (
    INSERT INTO callbacks (execution_id, workflow_id, owner_id, target)
    SELECT id, workflow_id, owner, callback::json FROM admitted WHERE callback IS NOT NULL
  ),
  event AS (
    INSERT INTO execution_events (execution_id, seq, type, at, data)
    SELECT id, 1, 'queued', at, queued_data::json FROM admitted
    UNION ALL
    SELECT a.id, r.seq, 'step_reused', a.at, r.data::json
    FROM unnest($24::int[], $25::int[], $26::text[]) AS r(place, seq, data) JOIN admitted a ON a.ord = r.place
  )
  SELECT ord, id, at FROM admitted`;

const UNKEYED = `WITH ${INPUT}, ${ADMIT_ALL}, ${WRITE}`;
const KEYED = `WITH ${INPUT}, ${ADMIT_BY_KEY}, ${WRITE}`;
const LINKED = `WITH ${LINKED_INPUT}, ${ADMIT_LINKED}, ${MARK_RETRIED}, ${WRITE_LINKED}`;

function isLinked(item: NewExecution): boolean {
  return (
    item.retry !== undefined ||
    item.parent !== undefined ||
    item.callback !== undefined ||
    item.untilStep !== undefined
  );
}

/** What `LINKED_INPUT` reads, and the reused events. */
function linkValues(items: readonly NewExecution[]): unknown[] {
  const reused = items.flatMap((item, index) =>
    (item.retry?.reused ?? []).map((data, offset) => ({ place: index + 1, seq: offset + 2, data })),
  );
  return [
    items.map((item) => item.retry?.of ?? null),
    items.map((item) => item.retry?.rootId ?? null),
    items.map((item) => item.parent?.executionId ?? null),
    items.map((item) => item.parent?.stepId ?? null),
    items.map((item) => item.parent?.iteration ?? null),
    items.map((item) => item.parent?.attempt ?? null),
    items.map((item) => item.parent?.slot ?? null),
    items.map((item) => item.parent?.depth ?? 0),
    items.map((item) => item.parent?.detached ?? null),
    items.map((item) => item.parent?.shard ?? null),
    items.map((item) => item.parent !== undefined || item.callback !== undefined),
    items.map((item) => 1 + (item.retry?.reused.length ?? 0)),
    reused.map((event) => event.place),
    reused.map((event) => event.seq),
    reused.map((event) => event.data),
    items.map((item) => item.callback ?? null),
    items.map((item) => item.untilStep ?? null),
  ];
}

function statementFor(items: readonly NewExecution[]): { name: string; text: string } {
  if (items.some(isLinked)) return { name: 'submit_linked', text: LINKED };
  return items.some((item) => item.idempotency !== undefined)
    ? { name: 'submit_keyed', text: KEYED }
    : { name: 'submit', text: UNKEYED };
}

/**
 * Stores executions, their live state and event 1 in one statement: all of it, or nothing. What they repeat, where it
 * did not end well, is marked as retried.
 *
 * The answer has one entry per item, in order; `undefined` where the idempotency key was taken (see `findByKey`) or the
 * place of a child (see `findChildren`). No two items of one call may have the same key. `redispatchSeconds` is how long the caller's hint may take before the
 * sweep repeats it; 0 leaves the first hint to the sweep.
 *
 * Rejected: COPY (cannot return ids or fall back on a conflict) and one INSERT per execution (a round trip each).
 */
export async function submitExecutions(
  db: Queryable,
  items: readonly NewExecution[],
  redispatchSeconds: number,
): Promise<(SubmittedExecution | undefined)[]> {
  const statement = statementFor(items);
  const { rows } = await db.query<{ ord: number; id: string; at: Date }>({
    ...statement,
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
      ...(statement.text === LINKED ? linkValues(items) : []),
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
