import {
  isTerminal,
  type ExecutionError,
  type ExecutionResult,
  type ExecutionStatus,
  type JsonObject,
} from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import { isUuid, type Caller } from '../caller.js';
import { ExecutionEntity, ExecutionStateEntity, type ExecutionRow } from '../entities/execution.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/** One run, as of this moment: while it lives, status and progress come from its live row. */
export interface ExecutionRecord {
  /** The bare UUID, without `exec_`. */
  id: string;
  workflowId: string;
  workflowVersion: number;
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
  ownerId: string;
  /** Usernames. */
  owner: string;
  submittedBy: string;
  /** Bare UUIDs. */
  retryOf: string | null;
  rootId: string;
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
}

/** Reading only: the runtime is the one door through which executions change. */
export interface ExecutionRepository {
  get(uuid: string): Promise<ExecutionRecord | undefined>;
  /** Newest first. The cursor is an id; with `until` it makes any window of time pageable. */
  list(filter: ExecutionFilter): Promise<Page<ExecutionRecord>>;
}

function toExecution(row: ExecutionRow): ExecutionRecord {
  const { id, workflowId, workflowVersion, parameters, createdAt, completedAt, stepsTotal } = row;
  const { ownerId, retryOf, rootId, traceId, live } = row;
  return {
    ...{ id, workflowId, workflowVersion, parameters, createdAt, completedAt, stepsTotal },
    // Both rows are written in one transaction, so one of them always has the status.
    status: row.status ?? live?.status ?? 'queued',
    startedAt: row.startedAt ?? live?.startedAt ?? null,
    currentStep: live?.currentStep ?? null,
    stepsCompleted: row.stepsCompleted ?? live?.stepsCompleted ?? 0,
    result: row.result,
    error: row.error,
    owner: row.owner?.username ?? row.ownerId,
    submittedBy: row.submitter?.username ?? row.submittedBy,
    ...{ ownerId, retryOf, rootId, traceId },
    lastSeq: row.finalSeq ?? live?.lastSeq ?? 0,
    cancelRequestedAt: live?.cancelRequestedAt ?? null,
  };
}

export function executionRepository(session: Session, caller: Caller): ExecutionRepository {
  /** A live status is looked for among the live rows, which are few; everything else among the stored ones. */
  function select(fromLiveRows: boolean): SelectQueryBuilder<ExecutionRow> {
    const query = session.manager.createQueryBuilder(ExecutionEntity, 'e');
    const [live, on] = [ExecutionStateEntity.options.name, 's.executionId = e.id'];
    if (fromLiveRows) query.innerJoinAndMapOne('e.live', live, 's', on);
    else query.leftJoinAndMapOne('e.live', live, 's', on);
    return query
      .leftJoin('e.owner', 'owner')
      .leftJoin('e.submitter', 'submitter')
      .addSelect(['owner.id', 'owner.username', 'submitter.id', 'submitter.username']);
  }

  return {
    async get(uuid) {
      if (!isUuid(uuid)) return undefined;
      const row = await select(false).where('e.id = :uuid', { uuid }).getOne();
      return row ? toExecution(row) : undefined;
    },

    async list(filter) {
      const before = uuidCursor(filter.cursor);
      if (filter.workflowId !== undefined && !isStorable(filter.workflowId)) return { items: [] };
      const { status, since, until, workflowId } = filter;
      const live = status !== undefined && !isTerminal(status);
      const [row, id] = live ? ['s', 's.executionId'] : ['e', 'e.id'];
      // Row-level security would leave out other owners' rows, but only this condition reaches the index.
      const owner = filter.ownerId ?? (caller.admin ? undefined : caller.userId);

      const query = select(live).orderBy(id, 'DESC').limit(fetchSize(filter));
      if (owner !== undefined) query.andWhere(`${row}.ownerId = :owner`, { owner });
      if (workflowId !== undefined) query.andWhere(`${row}.workflowId = :workflowId`, { workflowId });
      if (status !== undefined) query.andWhere(`${row}.status = :status`, { status });
      if (before !== undefined) query.andWhere(`${id} < :before`, { before });
      // The id begins with the time of submission: a window of time is a range of ids, and prunes partitions.
      if (since) query.andWhere(`${id} >= uuid7_floor(:since)`, { since });
      if (until) query.andWhere(`${id} < uuid7_floor(:until)`, { until });
      return pageOf(await query.getMany(), filter, (found) => found.id, toExecution);
    },
  };
}
