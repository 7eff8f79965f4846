import type { ApprovalDecision, ApprovalKind, ApprovalStatus } from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import { EFFECTIVE_STATUS } from '../queries/approvals.js';
import { fromStoredIteration } from '../queries/children.js';
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

export interface ApprovalFilter extends PageRequest {
  status?: 'open' | 'decided' | undefined;
  workflowId?: string | undefined;
  /** The bare UUID. */
  executionId?: string | undefined;
}

/** Reading only: deciding is the runtime's. A caller sees what belongs to them and what names them as an approver. */
export interface ApprovalRepository {
  get(id: string): Promise<ApprovalRecord | undefined>;
  /** Newest first. */
  list(filter: ApprovalFilter): Promise<Page<ApprovalRecord>>;
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

export function approvalRepository(session: Session, caller: Caller): ApprovalRepository {
  return {
    async get(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await session.rows<ApprovalColumns>(`${SELECT} WHERE a.id = $1`, [id]);
      return row && toApproval(row);
    },

    async list(filter) {
      const values: unknown[] = [];
      const conditions: string[] = [];
      const where = (condition: (placeholder: string) => string, value: unknown): void => {
        if (value === undefined) return;
        values.push(value);
        conditions.push(condition(`$${String(values.length)}`));
      };
      where((value) => `a.workflow_id = ${value}`, filter.workflowId);
      where((value) => `a.execution_id = ${value}`, filter.executionId);
      where((value) => `a.id < ${value}`, uuidCursor(filter.cursor));
      if (filter.status === 'open') conditions.push(OPEN);
      if (filter.status === 'decided') conditions.push(`NOT (${OPEN})`);
      const newest = `ORDER BY a.id DESC LIMIT ${String(fetchSize(filter))}`;
      const matching = (...more: string[]): string =>
        [...conditions, ...more].length > 0 ? `WHERE ${[...conditions, ...more].join(' AND ')}` : '';

      if (caller.admin) {
        const rows = await session.rows<ApprovalColumns>(`${SELECT} ${matching()} ${newest}`, values);
        return pageOf(rows, filter, (row) => row.id, toApproval);
      }
      // Each half follows its own index: an OR of both would read everything and let row-level security drop it.
      where((value) => `a.owner_id = ${value}`, caller.userId);
      const mine = matching();
      conditions.pop();
      const named = matching('p.username = (SELECT caller_name())');
      const rows = await session.rows<ApprovalColumns>(
        `${SELECT} WHERE a.id IN (
           (SELECT a.id FROM approvals a ${mine} ${newest})
           UNION
           (SELECT a.id FROM approval_approvers p JOIN approvals a ON a.id = p.approval_id ${named} ${newest}))
         ${newest}`,
        values,
      );
      return pageOf(rows, filter, (row) => row.id, toApproval);
    },
  };
}
