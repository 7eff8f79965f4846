import type { WorkflowStatus } from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import type { Caller } from '../caller.js';
import { WorkflowEntity, type WorkflowRow } from '../entities/workflow.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorable, prefixQuery } from './text.js';
import { toSummary, type WorkflowSummaryRecord } from './workflow-shapes.js';

export interface WorkflowFilter extends PageRequest {
  /** Words that name or description must have words beginning with. Any text is safe. */
  search?: string | undefined;
  tag?: string | undefined;
  status?: WorkflowStatus | undefined;
  /** Only this user's; a caller who is no admin sees their own in any case. */
  ownerId?: string | undefined;
}

/** Workflows with the usernames of their owner, creator and last editor. */
export function selectWorkflows(session: Session): SelectQueryBuilder<WorkflowRow> {
  return session.manager
    .createQueryBuilder(WorkflowEntity, 'w')
    .leftJoin('w.owner', 'owner')
    .leftJoin('w.creator', 'creator')
    .leftJoin('w.editor', 'editor')
    .addSelect([
      'owner.id',
      'owner.username',
      'creator.id',
      'creator.username',
      'editor.id',
      'editor.username',
    ]);
}

/** Newest first, deleted ones left out. */
export async function listWorkflows(
  session: Session,
  caller: Caller,
  filter: WorkflowFilter,
): Promise<Page<WorkflowSummaryRecord>> {
  const before = uuidCursor(filter.cursor);
  const size = fetchSize(filter);
  // Row-level security would leave out other owners' rows, but only this condition reaches the index.
  const owner = filter.ownerId ?? (caller.admin ? undefined : caller.userId);
  const query = selectWorkflows(session).orderBy('w.sortKey', 'DESC').limit(size);

  if (filter.search !== undefined || filter.tag !== undefined) {
    const words = filter.search === undefined ? null : prefixQuery(filter.search);
    if (words === undefined || (filter.tag !== undefined && !isStorable(filter.tag))) return { items: [] };
    query.where(
      'w.id IN (SELECT found.id FROM search_workflows(:owner, :words, :tag, :status, :before, :size) found)',
      {
        owner: owner ?? null,
        words,
        tag: filter.tag ?? null,
        status: filter.status ?? null,
        before: before ?? null,
        size,
      },
    );
  } else {
    query.where('w.deletedAt IS NULL');
    if (owner !== undefined) query.andWhere('w.ownerId = :owner', { owner });
    if (filter.status !== undefined) query.andWhere('w.status = :status', { status: filter.status });
    if (before !== undefined) query.andWhere('w.sortKey < :before', { before });
  }
  return pageOf(await query.getMany(), filter, (row) => row.sortKey, toSummary);
}
