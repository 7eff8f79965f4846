import type { ApprovalDecision, ApprovalKind, ApprovalStatus } from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import { EFFECTIVE_STATUS } from '../queries/approvals.js';
import { fromStoredIteration } from '../queries/children.js';
import type { CountRecord } from './execution-counts.js';
import type { Session } from './session.js';

export interface ApprovalRecord {
  id: string;
  kind: ApprovalKind;
  /** `expired` as soon as the deadline has passed. */
  status: ApprovalStatus;
  workflowId: string;
  workflowName: string;
  /** The bare UUID. */
  executionId: string;
  stepId: string;
  iteration: string | null;
  attempt: number;
  message: string;
  ownerId: string;
  submittedById: string;
  /** Usernames, as the approvers are. */
  owner: string;
  submittedBy: string;
  approvers: string[];
  required: number;
  excludeSubmitter: boolean;
  defaultOutcome: 'approved' | 'rejected' | null;
  requestedAt: Date;
  deadline: Date | null;
  decisions: ApprovalDecision[];
  decidedAt: Date | null;
}

export interface ApprovalConditions {
  status?: 'open' | 'decided' | undefined;
  workflowId?: string | undefined;
  /** The bare UUID. */
  executionId?: string | undefined;
  /** Only those the caller may decide now, by the rules of `rightToDecide`. */
  mayDecide?: boolean | undefined;
}

export type ApprovalFilter = ApprovalConditions & PageRequest;

/** Reading only: deciding is the runtime's. A caller sees what belongs to them and what names them as an approver. */
export interface ApprovalRepository {
  get(id: string): Promise<ApprovalRecord | undefined>;
  /** Newest first. */
  list(filter: ApprovalFilter): Promise<Page<ApprovalRecord>>;
  /** How many there are; counting stops at 1,000. */
  count(conditions: ApprovalConditions): Promise<CountRecord>;
}

interface ApprovalColumns {
  id: string;
  kind: ApprovalKind;
  status: ApprovalStatus;
  workflow_id: string;
  workflow_name: string;
  execution_id: string;
  step_id: string;
  iteration: string;
  attempt: number;
  message: string;
  owner_id: string;
  submitted_by_id: string;
  owner: string;
  submitted_by: string;
  approvers: string[];
  required: number;
  exclude_submitter: boolean;
  default_outcome: 'approved' | 'rejected' | null;
  requested_at: Date;
  deadline: Date | null;
  decisions: ApprovalDecision[];
  decided_at: Date | null;
}

const SELECT = `
  SELECT a.id, a.kind, ${EFFECTIVE_STATUS} AS status, a.workflow_id, a.workflow_name, a.execution_id, a.step_id,
         a.iteration, a.attempt, a.message, a.owner_id, a.submitted_by AS submitted_by_id,
         coalesce(o.username, a.owner_id::text) AS owner, coalesce(b.username, a.submitted_by::text) AS submitted_by,
         a.approvers, a.required, a.exclude_submitter, a.default_outcome, a.requested_at, a.deadline, a.decisions,
         a.decided_at
  FROM approvals a LEFT JOIN users o ON o.id = a.owner_id LEFT JOIN users b ON b.id = a.submitted_by`;

// Stored as open only until the deadline's news arrives: the partial index serves both.
const OPEN = "a.status = 'open' AND (a.deadline IS NULL OR a.deadline > now())";

function toApproval(row: ApprovalColumns): ApprovalRecord {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    executionId: row.execution_id,
    stepId: row.step_id,
    iteration: fromStoredIteration(row.iteration),
    attempt: row.attempt,
    message: row.message,
    ownerId: row.owner_id,
    submittedById: row.submitted_by_id,
    owner: row.owner,
    submittedBy: row.submitted_by,
    approvers: row.approvers,
    required: row.required,
    excludeSubmitter: row.exclude_submitter,
    defaultOutcome: row.default_outcome,
    requestedAt: row.requested_at,
    deadline: row.deadline,
    decisions: row.decisions,
    decidedAt: row.decided_at,
  };
}

// A person who submitted an execution whose submitter is excluded may not; an admin always may otherwise. One decides once.
const MAY_DECIDE = `
  NOT (a.exclude_submitter AND a.submitted_by = (SELECT caller_id()))
  AND NOT (SELECT caller_name()) = ANY (a.decided_by)
  AND ((SELECT caller_is_admin()) OR (SELECT caller_name()) = ANY (a.approvers)
       OR (a.approvers = '{}' AND a.owner_id = (SELECT caller_id())))`;

const COUNT_LIMIT = 1_000;

export function approvalRepository(session: Session, caller: Caller): ApprovalRepository {
  /** A statement that answers with the ids, newest first, `limit` at most. */
  function idsOf(conditions: ApprovalConditions, before: string | undefined, limit: number): Statement {
    const values: unknown[] = [];
    const found: string[] = [];
    const where = (condition: (placeholder: string) => string, value: unknown): void => {
      if (value !== undefined) found.push(condition(`$${String(values.push(value))}`));
    };
    where((value) => `a.workflow_id = ${value}`, conditions.workflowId);
    where((value) => `a.execution_id = ${value}`, conditions.executionId);
    where((value) => `a.id < ${value}`, before);
    if (conditions.status === 'open' || conditions.mayDecide === true) found.push(OPEN);
    if (conditions.status === 'decided') found.push(`NOT (${OPEN})`);
    if (conditions.mayDecide === true) found.push(MAY_DECIDE);
    const newest = `ORDER BY a.id DESC LIMIT ${String(limit)}`;
    const matching = (...more: string[]): string => `WHERE ${[...found, ...more].join(' AND ') || 'true'}`;
    if (caller.admin) return { text: `SELECT a.id FROM approvals a ${matching()} ${newest}`, values };

    // Each half follows its own index: an OR of both would read everything and let row-level security drop it.
    const own = matching(`a.owner_id = $${String(values.push(caller.userId))}`);
    const named = matching('p.username = (SELECT caller_name())');
    const text = `
      SELECT a.id FROM (
        (SELECT a.id FROM approvals a ${own} ${newest})
        UNION
        (SELECT a.id FROM approval_approvers p JOIN approvals a ON a.id = p.approval_id ${named} ${newest})) a
      ${newest}`;
    return { text, values };
  }

  return {
    async get(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await session.rows<ApprovalColumns>(`${SELECT} WHERE a.id = $1`, [id]);
      return row && toApproval(row);
    },

    async list(filter) {
      const { text, values } = idsOf(filter, uuidCursor(filter.cursor), fetchSize(filter));
      const rows = await session.rows<ApprovalColumns>(
        `${SELECT} WHERE a.id IN (${text}) ORDER BY a.id DESC`,
        values,
      );
      return pageOf(rows, filter, (row) => row.id, toApproval);
    },

    async count(conditions) {
      const { text, values } = idsOf(conditions, undefined, COUNT_LIMIT + 1);
      const [row] = await session.rows<{ count: number }>(
        `SELECT count(*)::int AS count FROM (${text}) found`,
        values,
      );
      const count = row?.count ?? 0;
      return { count: Math.min(count, COUNT_LIMIT), exact: count <= COUNT_LIMIT };
    },
  };
}

interface Statement {
  text: string;
  values: unknown[];
}
