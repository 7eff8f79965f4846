import type {
  ExecutionError,
  ExecutionResult,
  JsonObject,
  TerminalStatus,
  Usage,
  WorkflowStatus,
} from '@millrace/contracts';
import type { Queryable } from '../pool.js';
import { type DeliveryRow, RECEIVE, type SignalDelivery, toDelivery } from './signal.js';
import type { ChildPlace, SubmittedExecution } from './submit.js';
import { SWEEP_BATCH } from './sweeps.js';

/** The top level is `''` in the tables, so that it can be part of a key. */
export const toStoredIteration = (iteration: string | null): string => iteration ?? '';
export const fromStoredIteration = (iteration: string): string | null =>
  iteration === '' ? null : iteration;

/** Outcomes a sweep delivers at once: each may be as large as an output in the log. */
const OUTCOME_BATCH = 100;

/** The children at these places, in their order; undefined where none was started. */
export async function findChildren(
  db: Queryable,
  places: readonly ChildPlace[],
): Promise<(SubmittedExecution | undefined)[]> {
  const { rows } = await db.query<{ ord: number; id: string; at: Date }>({
    name: 'find_children',
    text: `SELECT p.ord, c.child_id AS id, e.created_at AS at
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[])
             WITH ORDINALITY AS p(parent_id, step_id, iteration, attempt, slot, ord)
           JOIN children c USING (parent_id, step_id, iteration, attempt, slot)
           JOIN executions e ON e.id = c.child_id`,
    values: [
      places.map((place) => place.executionId),
      places.map((place) => place.stepId),
      places.map((place) => toStoredIteration(place.iteration)),
      places.map((place) => place.attempt),
      places.map((place) => place.slot),
    ],
  });
  const answer: (SubmittedExecution | undefined)[] = places.map(() => undefined);
  for (const row of rows) answer[row.ord - 1] = { executionId: row.id, createdAt: row.at };
  return answer;
}

/** What a child that runs a part of a map was handed over; undefined for any other execution. */
export async function readShard(db: Queryable, executionId: string): Promise<JsonObject | undefined> {
  const { rows } = await db.query<{ shard: JsonObject | null }>({
    name: 'read_shard',
    text: 'SELECT shard FROM executions WHERE id = $1',
    values: [executionId],
  });
  return rows[0]?.shard ?? undefined;
}

/** A child of a step, by the attempt that started it and its place there. */
export interface StartedChild {
  stepId: string;
  attempt: number;
  slot: number;
  executionId: string;
}

/** The children of these steps in one iteration, in the order in which their places were made. */
export async function readChildrenOfSteps(
  db: Queryable,
  parentId: string,
  steps: { ids: readonly string[]; iteration: string | null },
): Promise<StartedChild[]> {
  const { rows } = await db.query<{ step_id: string; attempt: number; slot: number; child_id: string }>({
    name: 'children_of_steps',
    text: `SELECT step_id, attempt, slot, child_id FROM children
           WHERE parent_id = $1 AND step_id = ANY($2::text[]) AND iteration = $3
           ORDER BY step_id, attempt, slot`,
    values: [parentId, steps.ids, toStoredIteration(steps.iteration)],
  });
  return rows.map((row) => ({
    stepId: row.step_id,
    attempt: row.attempt,
    slot: row.slot,
    executionId: row.child_id,
  }));
}

/** A child that has ended and whose parent has not been told. */
export interface FinishedChild {
  executionId: string;
  workflowId: string;
  place: ChildPlace;
  status: TerminalStatus;
  result: ExecutionResult | null;
  error: ExecutionError | null;
  usage: Usage | null;
}

function selectFinished(condition: string): string {
  return `
    SELECT c.child_id, e.workflow_id, c.parent_id, c.step_id, c.iteration, c.attempt, c.slot, e.status, e.result, e.error,
           e.usage
    FROM children c JOIN executions e ON e.id = c.child_id
    WHERE c.finished_at IS NOT NULL AND c.delivered_at IS NULL AND NOT c.detached AND ${condition}`;
}

const FINISHED_THESE = selectFinished('c.child_id = ANY($1::uuid[])');
// A moment of rest: whoever ended them is delivering them just now.
const FINISHED_ANY = `${selectFinished("c.finished_at < now() - interval '1 second'")}
  ORDER BY c.finished_at LIMIT ${String(OUTCOME_BATCH)}`;

/** Those of the given executions that are such children, or the longest overdue where none are given. */
export async function readFinishedChildren(
  db: Queryable,
  childIds?: readonly string[],
): Promise<FinishedChild[]> {
  const { rows } = await db.query<{
    child_id: string;
    workflow_id: string;
    parent_id: string;
    step_id: string;
    iteration: string;
    attempt: number;
    slot: number;
    status: TerminalStatus;
    result: ExecutionResult | null;
    error: ExecutionError | null;
    usage: Usage | null;
  }>(
    childIds === undefined
      ? { name: 'finished_children', text: FINISHED_ANY, values: [] }
      : { name: 'finished_children_of', text: FINISHED_THESE, values: [childIds] },
  );
  return rows.map((row) => ({
    executionId: row.child_id,
    workflowId: row.workflow_id,
    place: {
      executionId: row.parent_id,
      stepId: row.step_id,
      iteration: fromStoredIteration(row.iteration),
      attempt: row.attempt,
      slot: row.slot,
    },
    status: row.status,
    result: row.result,
    error: row.error,
    usage: row.usage,
  }));
}

// The rows of the children first, each delivered by whoever locks it, then their parents in the order in which every
// writer of many executions locks them. Delivered is also what a parent that has ended does not hear any more.
const DELIVER = `
  WITH due AS MATERIALIZED (
    SELECT c.parent_id AS execution_id, c.child_id, 'child' AS kind, o.payload, NULL::uuid AS sent_by
    FROM unnest($2::uuid[], $3::text[]) AS o(child_id, payload) JOIN children c USING (child_id)
    WHERE c.finished_at IS NOT NULL AND c.delivered_at IS NULL
    ORDER BY c.child_id FOR UPDATE OF c SKIP LOCKED
  ),
  marked AS (
    UPDATE children c SET delivered_at = now() FROM due d WHERE c.child_id = d.child_id
  ),
  numbered AS MATERIALIZED (
    SELECT d.*, row_number() OVER (PARTITION BY execution_id ORDER BY child_id)::int AS place FROM due d
  ),
  ${RECEIVE}`;

/** Tells parents what became of their children, each child once. The payloads are JSON text. */
export async function deliverChildren(
  db: Queryable,
  outcomes: readonly { childId: string; payload: string }[],
  redispatchSeconds: number,
): Promise<SignalDelivery[]> {
  const { rows } = await db.query<DeliveryRow>({
    name: 'deliver_children',
    text: DELIVER,
    values: [redispatchSeconds, outcomes.map((o) => o.childId), outcomes.map((o) => o.payload)],
  });
  return rows.map(toDelivery);
}

/** Live, attached children of an execution, of all its steps or of one; those asked to cancel before are left out. */
export async function cancellableChildren(
  db: Queryable,
  parentIds: readonly string[],
  which?: { stepId: string; iteration?: string | null },
): Promise<string[]> {
  const iteration = which?.iteration;
  const { rows } = await db.query<{ child_id: string }>({
    name: 'cancellable_children',
    text: `SELECT c.child_id FROM children c JOIN execution_state s ON s.execution_id = c.child_id
           WHERE c.parent_id = ANY($1::uuid[]) AND c.finished_at IS NULL AND NOT c.detached
             AND s.cancel_requested_at IS NULL
             AND ($2::text IS NULL OR c.step_id = $2) AND ($3::text IS NULL OR c.iteration = $3)
           ORDER BY c.child_id`,
    values: [parentIds, which?.stepId ?? null, iteration === undefined ? null : toStoredIteration(iteration)],
  });
  return rows.map((row) => row.child_id);
}

/** Live, attached children whose parent has ended and which nobody has asked to cancel. */
export async function orphanedChildren(db: Queryable): Promise<{ childId: string; parentId: string }[]> {
  const { rows } = await db.query<{ child_id: string; parent_id: string }>({
    name: 'orphaned_children',
    text: `SELECT c.child_id, c.parent_id FROM children c JOIN execution_state s ON s.execution_id = c.child_id
           WHERE c.finished_at IS NULL AND NOT c.detached AND s.cancel_requested_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM execution_state p WHERE p.execution_id = c.parent_id)
           ORDER BY c.child_id LIMIT ${String(SWEEP_BATCH)}`,
  });
  return rows.map((row) => ({ childId: row.child_id, parentId: row.parent_id }));
}

/** A workflow that somebody wants to run as a child, as it is at this moment. */
export interface ChildTarget {
  workflowId: string;
  ownerId: string;
  latestVersion: number;
  status: WorkflowStatus;
  deleted: boolean;
  /** Of `userId`: owns it, or administers the platform. */
  executable: boolean;
}

/** What these workflows are, and whether a user may execute them. Unknown ones are left out. */
export async function readChildTargets(
  db: Queryable,
  workflowIds: readonly string[],
  userId: string,
): Promise<Map<string, ChildTarget>> {
  const { rows } = await db.query<{
    id: string;
    owner_id: string;
    version: number;
    status: WorkflowStatus;
    deleted: boolean;
    executable: boolean;
  }>({
    name: 'child_targets',
    text: `SELECT w.id, w.owner_id, w.version, w.status, w.deleted_at IS NOT NULL AS deleted,
                  w.owner_id = $2 OR EXISTS (
                    SELECT 1 FROM users u WHERE u.id = $2 AND 'platform:admin' = ANY(u.scopes)) AS executable
           FROM workflows w WHERE w.id = ANY($1::text[])`,
    values: [workflowIds, userId],
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        workflowId: row.id,
        ownerId: row.owner_id,
        latestVersion: row.version,
        status: row.status,
        deleted: row.deleted,
        executable: row.executable,
      },
    ]),
  );
}

/**
 * Has the end of a claimed execution followed up: something outside its row belongs to it from now on. Answers its owner
 * as of now, or undefined when the claim is over; in a transaction the claim then cannot end before the commit.
 */
export async function requireFollowUp(
  db: Queryable,
  claim: { executionId: string; epoch: number },
): Promise<{ ownerId: string } | undefined> {
  const { rows } = await db.query<{ owner_id: string }>({
    name: 'require_follow_up',
    text: `UPDATE execution_state SET follow_up = true WHERE execution_id = $1 AND epoch = $2 RETURNING owner_id`,
    values: [claim.executionId, claim.epoch],
  });
  return rows[0] && { ownerId: rows[0].owner_id };
}
