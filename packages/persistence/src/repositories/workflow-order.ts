import type { SelectQueryBuilder } from 'typeorm';
import { isUuid } from '../caller.js';
import type { WorkflowRow } from '../entities/workflow.js';
import { InvalidCursorError } from '../paging.js';
import { isStorable } from './text.js';

/** The newest first, the last changed first, by name, and of deleted ones the last deleted first. */
export type WorkflowOrder = 'created_at' | 'updated_at' | 'name' | 'deleted_at';

/** Where the page before ended: the sort key of its last row, and what the order has before that. */
export interface WorkflowPlace {
  key: string;
  /** Microseconds included, or a page could begin in the middle of a millisecond. */
  time: string | null;
  name: string | null;
}

const TIMES = { updated_at: 'w.updated_at', deleted_at: 'w.deleted_at' } as const;
const CURSOR_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What `parseWorkflowCursor` reads. */
function cursorSql(order: WorkflowOrder): string {
  switch (order) {
    case 'created_at':
      return 'w.sort_key::text';
    case 'name':
      return `w.sort_key || '.' || encode(convert_to(w.name_key, 'UTF8'), 'hex')`;
    case 'updated_at':
    case 'deleted_at':
      return `w.sort_key || '.' || to_char(${TIMES[order]} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  }
}

/** Throws InvalidCursorError for what is no cursor of this order. */
export function parseWorkflowCursor(
  order: WorkflowOrder,
  cursor: string | undefined,
): WorkflowPlace | undefined {
  if (cursor === undefined) return undefined;
  const key = cursor.slice(0, 36);
  const rest = cursor.slice(36);
  if (!isUuid(key)) throw new InvalidCursorError();
  const place: WorkflowPlace = { key, time: null, name: null };
  if (order === 'created_at' && rest === '') return place;
  if (order === 'name' && /^\.(?:[0-9a-f]{2})+$/.test(rest)) {
    const name = Buffer.from(rest.slice(1), 'hex').toString('utf8');
    if (isStorable(name)) return { ...place, name };
  }
  const time = rest.slice(1);
  const isTimed = order === 'updated_at' || order === 'deleted_at';
  if (isTimed && rest.startsWith('.') && CURSOR_TIME.test(time) && !Number.isNaN(Date.parse(time))) {
    return { ...place, time };
  }
  throw new InvalidCursorError();
}

/** Orders the query and adds a column `cursor`, from which the next page begins. */
export function orderWorkflows(
  query: SelectQueryBuilder<WorkflowRow>,
  order: WorkflowOrder,
): SelectQueryBuilder<WorkflowRow> {
  query.addSelect(cursorSql(order), 'cursor');
  switch (order) {
    case 'created_at':
      return query.orderBy('w.sortKey', 'DESC');
    case 'name':
      return query.orderBy('w.nameKey', 'ASC').addOrderBy('w.sortKey', 'ASC');
    case 'updated_at':
      return query.orderBy('w.updatedAt', 'DESC').addOrderBy('w.sortKey', 'DESC');
    case 'deleted_at':
      return query.orderBy('w.deletedAt', 'DESC').addOrderBy('w.sortKey', 'DESC');
  }
}

/** Leaves out what came on the pages before. */
export function continueBehind(
  query: SelectQueryBuilder<WorkflowRow>,
  order: WorkflowOrder,
  { key, time, name }: WorkflowPlace,
): void {
  switch (order) {
    case 'created_at':
      query.andWhere('w.sortKey < :key', { key });
      return;
    case 'name':
      query.andWhere('(w.nameKey, w.sortKey) > (:name, :key::uuid)', { name, key });
      return;
    case 'updated_at':
      query.andWhere('(w.updatedAt, w.sortKey) < (:time::timestamptz, :key::uuid)', { time, key });
      return;
    case 'deleted_at':
      query.andWhere('(w.deletedAt, w.sortKey) < (:time::timestamptz, :key::uuid)', { time, key });
  }
}
