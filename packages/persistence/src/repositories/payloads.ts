import type { LogLine } from '@millrace/contracts';
import { isUuid } from '../caller.js';
import { BlobEntity, StepLogEntity, type StepLogRow } from '../entities/payload.js';
import { fetchSize, InvalidCursorError, pageOf, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

export interface BlobRecord {
  id: string;
  executionId: string;
  contentType: string;
  sizeBytes: number;
  content: Buffer;
  createdAt: Date;
}

/** Payloads too large for the log. A blob is reached through its execution. */
export interface BlobRepository {
  get(executionUuid: string, blobUuid: string): Promise<BlobRecord | undefined>;
}

export interface StepLogRecord {
  stepId: string;
  /** As events spell it; null at the top level. */
  iteration: string | null;
  attempt: number;
  /** Counts from 1 within the attempt. */
  line: number;
  at: Date;
  level: LogLine['level'];
  message: string;
}

/** Lines that steps logged, ordered by step, iteration, attempt and line. */
export interface StepLogRepository {
  list(
    executionUuid: string,
    request: PageRequest & { stepId?: string | undefined; iteration?: string | undefined },
  ): Promise<Page<StepLogRecord>>;
}

export function blobRepository(session: Session): BlobRepository {
  return {
    async get(executionUuid, blobUuid) {
      if (!isUuid(executionUuid) || !isUuid(blobUuid)) return undefined;
      const row = await session.manager
        .createQueryBuilder(BlobEntity, 'b')
        .where('b.executionId = :executionUuid AND b.id = :blobUuid', { executionUuid, blobUuid })
        .getOne();
      return row ?? undefined;
    },
  };
}

export function stepLogRepository(session: Session): StepLogRepository {
  return {
    async list(executionUuid, request) {
      if (!isUuid(executionUuid) || !isStorable(request.stepId ?? '')) return { items: [] };
      const iteration = request.iteration === undefined ? undefined : toNumbers(request.iteration);
      if (iteration?.some((number) => number > MAX_NUMBER) === true) return { items: [] };
      const query = session.manager
        .createQueryBuilder(StepLogEntity, 'l')
        .where('l.executionId = :executionUuid', { executionUuid })
        .orderBy({ 'l.stepId': 'ASC', 'l.iteration': 'ASC', 'l.attempt': 'ASC', 'l.line': 'ASC' })
        .limit(fetchSize(request));
      if (request.stepId !== undefined) query.andWhere('l.stepId = :stepId', { stepId: request.stepId });
      if (iteration !== undefined) {
        query.andWhere('l.iteration = CAST(:iteration AS int[])', { iteration });
      }
      if (request.cursor !== undefined) {
        query.andWhere(
          '(l.stepId, l.iteration, l.attempt, l.line) > (:step, CAST(:after AS int[]), :attempt, :line)',
          parseCursor(request.cursor),
        );
      }
      return pageOf(await query.getMany(), request, toCursor, toLine);
    },
  };
}

function toLine({ iteration, ...row }: StepLogRow): StepLogRecord {
  const { stepId, attempt, line, at, level, message } = row;
  const path = iteration.length === 0 ? null : iteration.join('.');
  return { stepId, iteration: path, attempt, line, at, level, message };
}

function toNumbers(path: string): number[] {
  return path === '' ? [] : path.split('.').map(Number);
}

/** What the database counts iterations with. */
const MAX_NUMBER = 2 ** 31 - 1;
const CURSOR = /^((?:\d{1,9}(?:\.\d{1,9}){0,19})?)\/(\d{1,9})\.(\d{1,9})\.(.{1,200})$/su;

function toCursor(row: StepLogRow): string {
  return `${row.iteration.join('.')}/${row.attempt}.${row.line}.${row.stepId}`;
}

function parseCursor(cursor: string): { step: string; after: number[]; attempt: number; line: number } {
  const [, path, attempt, line, step] = CURSOR.exec(cursor) ?? [];
  if (path === undefined || step === undefined || !isStorable(step)) throw new InvalidCursorError();
  return { step, after: toNumbers(path), attempt: Number(attempt), line: Number(line) };
}
