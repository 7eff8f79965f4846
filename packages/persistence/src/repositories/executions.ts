import type {
  ExecutionError,
  ExecutionResult,
  ExecutionStatus,
  JsonObject,
  Usage,
} from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Queryable } from '../pool.js';
import { countExecutions, type CountRecord } from './execution-counts.js';
import { type ExecutionConditions, rowsOf, searchesOf, whereOf } from '../queries/execution-filter.js';
import { recentRuns, type RecentRunRecord } from './recent-runs.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';
import { withinTime } from './time-limit.js';

/** One run, as of this moment: while it lives, status and progress come from its live row. */
export interface ExecutionRecord {
  /** The bare UUID, without `exec_`. */
  id: string;
  workflowId: string;
  /** As it is called now; its id where the caller may not see it. */
  workflowName: string;
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

export type ExecutionFilter = ExecutionConditions & PageRequest;

/** Reading only: the runtime is the one door through which executions change. */
export interface ExecutionRepository {
  get(uuid: string): Promise<ExecutionRecord | undefined>;
  /** Newest first. The cursor is an id; with `until` it makes any window of time pageable. */
  list(filter: ExecutionFilter): Promise<Page<ExecutionRecord>>;
  /** How many there are in each status that is asked for; counting stops at 10,000. */
  count(conditions: ExecutionConditions): Promise<Map<ExecutionStatus, CountRecord>>;
  /** The newest `limit` of each workflow, newest first; those without any have no entry. */
  recentRuns(workflowIds: readonly string[], limit: number): Promise<Map<string, RecentRunRecord[]>>;
}

interface ExecutionColumns {
  id: string;
  workflow_id: string;
  workflow_name: string;
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
  e.id, e.workflow_id, coalesce(w.name, e.workflow_id) AS workflow_name, e.workflow_version, e.until_step,
  coalesce(e.status, s.status) AS status, e.parameters, e.created_at,
  coalesce(e.started_at, s.started_at) AS started_at, e.completed_at, s.current_step,
  coalesce(e.steps_completed, s.steps_completed, 0) AS steps_completed, e.steps_total, e.result, e.error,
  coalesce(e.usage, s.usage) AS usage, e.owner_id, coalesce(o.username, e.owner_id::text) AS owner,
  coalesce(b.username, e.submitted_by::text) AS submitted_by, e.retry_of, e.root_id, e.parent_id,
  e.shard IS NOT NULL AS is_shard, e.error_fingerprint, e.resolution, e.trace_id,
  coalesce(e.final_seq, s.last_seq, 0) AS last_seq, s.cancel_requested_at`;
const BESIDE = `
  LEFT JOIN execution_state s ON s.execution_id = e.id LEFT JOIN workflows w ON w.id = e.workflow_id
  LEFT JOIN users o ON o.id = e.owner_id LEFT JOIN users b ON b.id = e.submitted_by`;

function toExecution(row: ExecutionColumns): ExecutionRecord {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
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

const BY_ID = `SELECT ${COLUMNS} FROM executions e ${BESIDE} WHERE e.id = $1`;

/** For the engine, past row-level security; `uuid` is one. */
export async function readExecution(db: Queryable, uuid: string): Promise<ExecutionRecord | undefined> {
  const { rows } = await db.query<ExecutionColumns>({ name: 'read_execution', text: BY_ID, values: [uuid] });
  const [row] = rows;
  return row && toExecution(row);
}

/** The others may have to look through what does not match. */
function isServedByIndex({
  workflowIds,
  submittedById,
  version,
  errorCode,
  isChild,
  isTest,
}: ExecutionConditions): boolean {
  return [workflowIds, submittedById, version, errorCode, isChild, isTest].every(
    (condition) => condition === undefined,
  );
}

export function executionRepository(session: Session, caller: Caller): ExecutionRepository {
  /** Row-level security would leave out other owners' rows, but only this condition reaches the index. */
  const ownerOf = ({ ownerId }: ExecutionConditions): string | undefined =>
    ownerId ?? (caller.admin ? undefined : caller.userId);
  const isPossible = ({ workflowId, workflowIds, errorCode }: ExecutionConditions): boolean =>
    (workflowId === undefined || isStorable(workflowId)) &&
    workflowIds?.length !== 0 &&
    (errorCode === undefined || isStorable(errorCode));

  return {
    async get(uuid) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await session.rows<ExecutionColumns>(BY_ID, [uuid]);
      return row && toExecution(row);
    },

    recentRuns: (workflowIds, limit) => recentRuns(session, workflowIds, limit),

    async count(conditions) {
      if (!isPossible(conditions)) return new Map();
      return withinTime(session, () => countExecutions(session, conditions, ownerOf(conditions)));
    },

    async list(filter) {
      const before = uuidCursor(filter.cursor);
      if (!isPossible(filter)) return { items: [] };
      const owner = ownerOf(filter);
      const values: unknown[] = [];
      const place = (value: unknown): string => `$${String(values.push(value))}`;
      const limit = `LIMIT ${String(fetchSize(filter))}`;
      // Each search follows its own index to the newest; of what they find together the newest are the page.
      const found = searchesOf(filter, owner).map((search) => {
        const { id } = search;
        const after = before === undefined ? '' : `AND ${id} < ${place(before)}`;
        return `(SELECT ${id} AS id FROM ${rowsOf(search)}
                 WHERE ${whereOf(search, filter, owner, place)} ${after} ORDER BY ${id} DESC ${limit})`;
      });
      const read = (): Promise<ExecutionColumns[]> =>
        session.rows(
          `SELECT ${COLUMNS}
           FROM (SELECT id FROM (${found.join(' UNION ALL ')}) found ORDER BY id DESC ${limit}) page
           JOIN executions e ON e.id = page.id ${BESIDE}
           ORDER BY e.id DESC`,
          values,
        );
      const rows = await (isServedByIndex(filter) ? read() : withinTime(session, read));
      return pageOf(rows, filter, ({ id }) => id, toExecution);
    },
  };
}
