import type { CallbackStatus, CallbackTarget } from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';
import type { SealedSecrets } from './webhooks.js';

export interface WorkflowCallbackRecord extends SealedSecrets {
  workflowId: string;
  /** Null where there is a signing secret only. */
  target: CallbackTarget | null;
  updatedAt: Date;
  updatedBy: string;
}

export interface CallbackRecord {
  /** The bare UUID. */
  executionId: string;
  workflowId: string;
  target: CallbackTarget;
  status: CallbackStatus;
  attempts: number;
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: Date;
}

export interface CallbackFilter extends PageRequest {
  status?: CallbackStatus | undefined;
  workflowId?: string | undefined;
}

/** The caller's callbacks: what workflows have set, and what became of those of their executions. */
export interface CallbackRepository {
  ofWorkflow(workflowId: string): Promise<WorkflowCallbackRecord | undefined>;
  /** Null takes the target away and leaves the signing secret. */
  setTarget(workflowId: string, target: CallbackTarget | null): Promise<void>;
  get(executionId: string): Promise<CallbackRecord | undefined>;
  list(filter: CallbackFilter): Promise<Page<CallbackRecord>>;
}

const COLUMNS = `
  execution_id, workflow_id, target, state, attempts, next_attempt_at, last_attempt_at, last_status, last_error, created_at`;

interface CallbackColumns {
  execution_id: string;
  workflow_id: string;
  target: CallbackTarget;
  state: Exclude<CallbackStatus, 'waiting'>;
  attempts: number;
  next_attempt_at: Date | null;
  last_attempt_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  created_at: Date;
}

function toCallback(row: CallbackColumns): CallbackRecord {
  return {
    executionId: row.execution_id,
    workflowId: row.workflow_id,
    target: row.target,
    status: row.state === 'pending' && row.next_attempt_at === null ? 'waiting' : row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastAttemptAt: row.last_attempt_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    createdAt: row.created_at,
  };
}

/** Above every id. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const WAITING = 'next_attempt_at IS NULL';
const STATUS_CONDITIONS: Readonly<Record<CallbackStatus, string>> = {
  waiting: `state = 'pending' AND ${WAITING}`,
  pending: `state = 'pending' AND NOT (${WAITING})`,
  delivered: `state = 'delivered'`,
  failed: `state = 'failed'`,
  skipped: `state = 'skipped'`,
};

export function callbackRepository(session: Session, caller: Caller): CallbackRepository {
  return {
    async ofWorkflow(workflowId) {
      if (!isStorable(workflowId)) return undefined;
      const [row] = await session.rows<{
        target: CallbackTarget | null;
        secret: string | null;
        previous_secret: string | null;
        previous_secret_until: Date | null;
        updated_at: Date;
        updated_by: string;
      }>(
        `SELECT c.target, c.secret, c.previous_secret, c.previous_secret_until, c.updated_at,
           coalesce(u.username, c.updated_by::text) AS updated_by
         FROM workflow_callbacks c LEFT JOIN users u ON u.id = c.updated_by WHERE c.workflow_id = $1`,
        [workflowId],
      );
      return (
        row && {
          workflowId,
          target: row.target,
          secret: row.secret,
          previousSecret: row.previous_secret,
          previousSecretUntil: row.previous_secret_until,
          updatedAt: row.updated_at,
          updatedBy: row.updated_by,
        }
      );
    },

    async setTarget(workflowId, target) {
      await session.affected(
        `INSERT INTO workflow_callbacks (workflow_id, target, updated_by) VALUES ($1, $2, $3)
         ON CONFLICT (workflow_id) DO UPDATE SET target = excluded.target, updated_by = excluded.updated_by`,
        [workflowId, target === null ? null : JSON.stringify(target), caller.userId],
      );
    },

    async get(executionId) {
      if (!isUuid(executionId)) return undefined;
      const [row] = await session.rows<CallbackColumns>(
        `SELECT ${COLUMNS} FROM callbacks WHERE execution_id = $1`,
        [executionId],
      );
      return row && toCallback(row);
    },

    async list(filter) {
      const before = uuidCursor(filter.cursor) ?? LAST_ID;
      const { workflowId, status } = filter;
      if (workflowId !== undefined && !isStorable(workflowId)) return { items: [] };
      // Each condition stands only where it is wanted: a plan for all of them at once would use no index.
      const conditions = ['execution_id < $1'];
      const values: unknown[] = [before, fetchSize(filter)];
      // Row-level security would leave out other owners' rows, but only this condition reaches the index.
      if (!caller.admin) conditions.push(`owner_id = $${String(values.push(caller.userId))}`);
      if (status !== undefined) conditions.push(STATUS_CONDITIONS[status]);
      if (workflowId !== undefined) conditions.push(`workflow_id = $${String(values.push(workflowId))}`);
      const rows = await session.rows<CallbackColumns>(
        `SELECT ${COLUMNS} FROM callbacks WHERE ${conditions.join(' AND ')} ORDER BY execution_id DESC LIMIT $2`,
        values,
      );
      return pageOf(rows, filter, (row) => row.execution_id, toCallback);
    },
  };
}
