import type { ApprovalDecision, ApprovalKind, ApprovalStatus } from '@millrace/contracts';
import type { Queryable } from '../pool.js';
import { fromStoredIteration, toStoredIteration } from './children.js';

/** The task that waits: `attempt` tells an answer to an earlier try from one to this. */
export interface TaskPlace {
  stepId: string;
  /** Null at the top level. */
  iteration: string | null;
  attempt: number;
}

export interface NewApproval extends TaskPlace {
  kind: ApprovalKind;
  message: string;
  /** Usernames. */
  approvers: readonly string[];
  required: number;
  excludeSubmitter: boolean;
  defaultOutcome: 'approved' | 'rejected' | null;
  deadline: Date | null;
}

// What is asked for again is asked once; its approvers are those of the first time.
const OPEN = `
  WITH asked AS (
    INSERT INTO approvals (execution_id, step_id, iteration, attempt, kind, workflow_id, workflow_name, owner_id,
                           submitted_by, message, approvers, required, exclude_submitter, default_outcome, deadline)
    SELECT $1, i.step_id, i.iteration, i.attempt, i.kind, $2, $3, $4, $5, i.message,
           ARRAY(SELECT json_array_elements_text(i.approvers::json)), i.required, i.exclude_submitter,
           i.default_outcome, i.deadline
    FROM unnest($6::text[], $7::text[], $8::int[], $9::text[], $10::text[], $11::text[], $12::int[], $13::boolean[],
                $14::text[], $15::timestamptz[])
      AS i(step_id, iteration, attempt, kind, message, approvers, required, exclude_submitter, default_outcome,
           deadline)
    ON CONFLICT (execution_id, step_id, iteration, attempt) DO NOTHING
    RETURNING id, approvers
  )
  INSERT INTO approval_approvers (username, approval_id)
  SELECT DISTINCT unnest(approvers), id FROM asked`;

/** Text columns refuse NUL, which an expression may well make. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD');

/** Asks people, each task once. */
export async function openApprovals(
  db: Queryable,
  execution: { id: string; workflowId: string; workflowName: string; ownerId: string; submittedById: string },
  approvals: readonly NewApproval[],
): Promise<void> {
  await db.query({
    name: 'open_approvals',
    text: OPEN,
    values: [
      execution.id,
      execution.workflowId,
      execution.workflowName,
      execution.ownerId,
      execution.submittedById,
      approvals.map((approval) => approval.stepId),
      approvals.map((approval) => toStoredIteration(approval.iteration)),
      approvals.map((approval) => approval.attempt),
      approvals.map((approval) => approval.kind),
      approvals.map((approval) => storable(approval.message)),
      approvals.map((approval) => JSON.stringify(approval.approvers.map(storable))),
      approvals.map((approval) => approval.required),
      approvals.map((approval) => approval.excludeSubmitter),
      approvals.map((approval) => approval.defaultOutcome),
      approvals.map((approval) => approval.deadline),
    ],
  });
}

/** An approval that nobody else can decide until the transaction ends. */
export interface LockedApproval extends TaskPlace {
  id: string;
  kind: ApprovalKind;
  executionId: string;
  ownerId: string;
  submittedById: string;
  approvers: string[];
  required: number;
  excludeSubmitter: boolean;
  /** `expired` as soon as the deadline has passed. */
  status: ApprovalStatus;
  decisions: ApprovalDecision[];
  /** The database's clock. */
  now: Date;
}

/** Stored as `open` until its execution is told, an approval counts as expired from its deadline on. */
export const EFFECTIVE_STATUS = `
  CASE WHEN a.status = 'open' AND a.deadline <= now() THEN 'expired' ELSE a.status END`;

export async function lockApproval(db: Queryable, id: string): Promise<LockedApproval | undefined> {
  const { rows } = await db.query<{
    kind: ApprovalKind;
    execution_id: string;
    step_id: string;
    iteration: string;
    attempt: number;
    owner_id: string;
    submitted_by: string;
    approvers: string[];
    required: number;
    exclude_submitter: boolean;
    status: ApprovalStatus;
    decisions: ApprovalDecision[];
    now: Date;
  }>({
    name: 'lock_approval',
    text: `SELECT kind, execution_id, step_id, iteration, attempt, owner_id, submitted_by, approvers, required,
                  exclude_submitter, ${EFFECTIVE_STATUS} AS status, decisions, clock_timestamp() AS now
           FROM approvals a WHERE id = $1 FOR UPDATE`,
    values: [id],
  });
  const row = rows[0];
  return (
    row && {
      id,
      kind: row.kind,
      executionId: row.execution_id,
      stepId: row.step_id,
      iteration: fromStoredIteration(row.iteration),
      attempt: row.attempt,
      ownerId: row.owner_id,
      submittedById: row.submitted_by,
      approvers: row.approvers,
      required: row.required,
      excludeSubmitter: row.exclude_submitter,
      status: row.status,
      decisions: row.decisions,
      now: row.now,
    }
  );
}

export async function recordDecisions(
  db: Queryable,
  id: string,
  decisions: readonly ApprovalDecision[],
  status: ApprovalStatus,
): Promise<void> {
  await db.query({
    name: 'record_decisions',
    text: `UPDATE approvals SET decisions = $2::json, decided_by = $4, status = $3,
                  decided_at = CASE WHEN $3 = 'open' THEN NULL ELSE now() END
           WHERE id = $1`,
    values: [id, JSON.stringify(decisions), status, decisions.map(({ by }) => by)],
  });
}

const CLOSE = `SET status = CASE WHEN deadline <= now() THEN 'expired' ELSE 'closed' END, decided_at = now()`;

/** Those of tasks that ended without a decision. */
export async function closeApprovals(
  db: Queryable,
  executionId: string,
  places: readonly TaskPlace[],
): Promise<void> {
  await db.query({
    name: 'close_approvals',
    text: `UPDATE approvals a ${CLOSE}
           FROM unnest($2::text[], $3::text[], $4::int[]) AS p(step_id, iteration, attempt)
           WHERE a.execution_id = $1 AND a.step_id = p.step_id AND a.iteration = p.iteration
             AND a.attempt = p.attempt AND a.status = 'open'`,
    values: [
      executionId,
      places.map((place) => place.stepId),
      places.map((place) => toStoredIteration(place.iteration)),
      places.map((place) => place.attempt),
    ],
  });
}

/** Those of executions that have ended. */
export async function closeApprovalsOf(db: Queryable, executionIds: readonly string[]): Promise<void> {
  await db.query({
    name: 'close_approvals_of',
    text: `UPDATE approvals ${CLOSE} WHERE execution_id = ANY($1::uuid[]) AND status = 'open'`,
    values: [executionIds],
  });
}

/** The sweep: open approvals of executions that have ended. How many. */
export async function closeAbandonedApprovals(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'close_abandoned_approvals',
    text: `UPDATE approvals ${CLOSE} WHERE id IN (
             SELECT a.id FROM approvals a
             WHERE a.status = 'open'
               AND NOT EXISTS (SELECT 1 FROM execution_state s WHERE s.execution_id = a.execution_id)
             ORDER BY a.id LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    values: [limit],
  });
  return rowCount ?? 0;
}
