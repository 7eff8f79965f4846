import {
  isTerminal,
  type ExecutionError,
  type ExecutionResult,
  type ExecutionStatus,
  type JsonObject,
  type Usage,
} from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Queryable } from '../pool.js';
import { isDeadLetter } from '../queries/dead-letters.js';
import { recentRuns, type RecentRunRecord } from './recent-runs.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/** One run, as of this moment: while it lives, status and progress come from its live row. */
export interface ExecutionRecord {
  /** The bare UUID, without `exec_`. */
  id: string;
  workflowId: string;
  /** Below zero: of a draft that is tested. */
  workflowVersion: number;
  /** The step it runs to; null where all of it runs. */
  untilStep: string | null;
  status: ExecutionStatus;
  parameters: JsonObject;
  createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Null before the first step and after the end. */
  currentStep: string | null;
  stepsCompleted: number;
  stepsTotal: number;
  result: ExecutionResult | null;
  error: ExecutionError | null;
  /** What its model calls consumed; null where there were none. */
  usage: Usage | null;
  ownerId: string;
  /** Usernames. */
  owner: string;
  submittedBy: string;
  /** Bare UUIDs. */
  retryOf: string | null;
  rootId: string;
  /** Of a child. */
  parentId: string | null;
  /** It works through a part of its parent's map. */
  isShard: boolean;
  /** Of a failed or timed out one. */
  errorFingerprint: string | null;
  /** What somebody did about its failure. */
  resolution: 'retried' | 'discarded' | null;
  traceId: string;
  /** The number of the newest event. */
  lastSeq: number;
  cancelRequestedAt: Date | null;
}

export interface ExecutionFilter extends PageRequest {
  workflowId?: string | undefined;
  status?: ExecutionStatus | undefined;
  /** Submitted at or after. */
  since?: Date | undefined;
  /** Submitted before. */
  until?: Date | undefined;
  /** Only this user's; a caller who is no admin sees their own in any case. */
  ownerId?: string | undefined;
  /** Bare UUIDs. */
  retryOf?: string | undefined;
  parentId?: string | undefined;
  errorFingerprint?: string | undefined;
  /** Runs of drafts, or only others. */
  isTest?: boolean | undefined;
  /** Only failures that nobody has dealt with and no parent reports. */
  isDead?: boolean | undefined;
}

/** Reading only: the runtime is the one door through which executions change. */
export interface ExecutionRepository {
  get(uuid: string): Promise<ExecutionRecord | undefined>;
  /** Newest first. The cursor is an id; with `until` it makes any window of time pageable. */
  list(filter: ExecutionFilter): Promise<Page<ExecutionRecord>>;
  /** The newest `limit` of each workflow, newest first; those without any have no entry. */
  recentRuns(workflowIds: readonly string[], limit: number): Promise<Map<string, RecentRunRecord[]>>;
}

interface ExecutionColumns {
  id: string;
  workflow_id: string;
  workflow_version: number;
  until_step: string | null;
  status: ExecutionStatus;
  parameters: JsonObject;
  created_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  current_step: string | null;
  steps_completed: number;
  steps_total: number;
  result: ExecutionResult | null;
  error: ExecutionError | null;
  usage: Usage | null;
  owner_id: string;
  owner: string;
  submitted_by: string;
  retry_of: string | null;
  root_id: string;
  parent_id: string | null;
  is_shard: boolean;
  error_fingerprint: string | null;
  resolution: 'retried' | 'discarded' | null;
  trace_id: string;
  last_seq: number;
  cancel_requested_at: Date | null;
}

// Both rows are written in one transaction, so one of them always has the status. Raw, because these are the most
// frequent reads of the API: building and hydrating the same query costs several times as much as running it.
const COLUMNS = `
  e.id, e.workflow_id, e.workflow_version, e.until_step, coalesce(e.status, s.status) AS status, e.parameters,
  e.created_at,
  coalesce(e.started_at, s.started_at) AS started_at, e.completed_at, s.current_step,
  coalesce(e.steps_completed, s.steps_completed, 0) AS steps_completed, e.steps_total, e.result, e.error,
  coalesce(e.usage, s.usage) AS usage,  e.owner_id, coalesce(o.username, e.owner_id::text) AS owner,
  coalesce(b.username, e.submitted_by::text) AS submitted_by, e.retry_of, e.root_id, e.parent_id,
  e.shard IS NOT NULL AS is_shard, e.error_fingerprint, e.resolution, e.trace_id,
  coalesce(e.final_seq, s.last_seq, 0) AS last_seq, s.cancel_requested_at`;
const NAMES = 'LEFT JOIN users o ON o.id = e.owner_id LEFT JOIN users b ON b.id = e.submitted_by';
const STORED_ROWS = `executions e LEFT JOIN execution_state s ON s.execution_id = e.id ${NAMES}`;
const LIVE_ROWS = `execution_state s JOIN executions e ON e.id = s.execution_id ${NAMES}`;

/** No id is older than 1970: a negative time would look like the far future in it. */
function sinceEpoch(time: Date): Date {
  return time.getTime() < 0 ? new Date(0) : time;
}

function toExecution(row: ExecutionColumns): ExecutionRecord {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    workflowVersion: row.workflow_version,
    untilStep: row.until_step,
    status: row.status,
    parameters: row.parameters,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    currentStep: row.current_step,
    stepsCompleted: row.steps_completed,
    stepsTotal: row.steps_total,
    result: row.result,
    error: row.error,
    usage: row.usage,
    ownerId: row.owner_id,
    owner: row.owner,
    submittedBy: row.submitted_by,
    retryOf: row.retry_of,
    rootId: row.root_id,
    parentId: row.parent_id,
    isShard: row.is_shard,
    errorFingerprint: row.error_fingerprint,
    resolution: row.resolution,
    traceId: row.trace_id,
    lastSeq: row.last_seq,
    cancelRequestedAt: row.cancel_requested_at,
  };
}

const BY_ID = `SELECT ${COLUMNS} FROM ${STORED_ROWS} WHERE e.id = $1`;

/** For the engine, past row-level security; `uuid` is one. */
export async function readExecution(db: Queryable, uuid: string): Promise<ExecutionRecord | undefined> {
  const { rows } = await db.query<ExecutionColumns>({ name: 'read_execution', text: BY_ID, values: [uuid] });
  const [row] = rows;
  return row && toExecution(row);
}

export function executionRepository(session: Session, caller: Caller): ExecutionRepository {
  return {
    async get(uuid) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await session.rows<ExecutionColumns>(BY_ID, [uuid]);
      return row && toExecution(row);
    },

    recentRuns: (workflowIds, limit) => recentRuns(session, workflowIds, limit),

    async list(filter) {
      const before = uuidCursor(filter.cursor);
      if (filter.workflowId !== undefined && !isStorable(filter.workflowId)) return { items: [] };
      const { status, since, until, workflowId } = filter;
      // A live status is looked for among the live rows, which are few; everything else among the stored ones.
      const isLive = status !== undefined && !isTerminal(status);
      const [table, id] = isLive ? ['s', 's.execution_id'] : ['e', 'e.id'];
      // Row-level security would leave out other owners' rows, but only this condition reaches the index.
      const owner = filter.ownerId ?? (caller.admin ? undefined : caller.userId);

      const values: unknown[] = [];
      const conditions: string[] = [];
      const where = (condition: (placeholder: string) => string, value: unknown): void => {
        if (value === undefined) return;
        values.push(value);
        conditions.push(condition(`$${String(values.length)}`));
      };
      where((value) => `${table}.owner_id = ${value}`, owner);
      where((value) => `${table}.workflow_id = ${value}`, workflowId);
      where((value) => `${table}.status = ${value}`, status);
      where((value) => `e.retry_of = ${value}`, filter.retryOf);
      where((value) => `e.parent_id = ${value}`, filter.parentId);
      where((value) => `e.error_fingerprint = ${value}`, filter.errorFingerprint);
      if (filter.isTest !== undefined) conditions.push(`e.workflow_version ${filter.isTest ? '<' : '>'} 0`);
      if (filter.isDead === true) conditions.push(isDeadLetter('e'));
      where((value) => `${id} < ${value}`, before);
      // The id begins with the time of submission: a window of time is a range of ids, and prunes partitions.
      where((value) => `${id} >= uuid7_floor(${value})`, since && sinceEpoch(since));
      where((value) => `${id} < uuid7_floor(${value})`, until && sinceEpoch(until));
      const rows = await session.rows<ExecutionColumns>(
        `SELECT ${COLUMNS} FROM ${isLive ? LIVE_ROWS : STORED_ROWS}
         ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
         ORDER BY ${id} DESC LIMIT ${String(fetchSize(filter))}`,
        values,
      );
      return pageOf(rows, filter, (found) => found.id, toExecution);
    },
  };
}
