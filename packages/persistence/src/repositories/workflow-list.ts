import type { JsonObject, WorkflowStatus } from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import type { Caller } from '../caller.js';
import { WorkflowEntity, type WorkflowRow } from '../entities/workflow.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorableJson, prefixQuery } from './text.js';
import { toSummary, type WorkflowSummaryRecord } from './workflow-shapes.js';

export interface WorkflowFilter extends PageRequest {
  /** Words that name or description must have words beginning with. Any text is safe. */
  search?: string | undefined;
  tag?: string | undefined;
  /** What the metadata must contain: each given key with that value, each given element of a list. */
  metadata?: JsonObject | undefined;
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

  const metadata = wantedMetadata(filter);
  if (filter.search !== undefined || metadata !== undefined) {
    const words = filter.search === undefined ? null : prefixQuery(filter.search);
    // A search for no word, and one for text that no row can hold, find nothing.
    if (words === undefined || !isStorableJson(metadata)) return { items: [] };
    query.where(
      'w.id IN (SELECT found.id FROM search_workflows(:owner, :words, :metadata, :status, :before, :size) found)',
      {
        owner: owner ?? null,
        words,
        metadata: metadata === undefined ? null : JSON.stringify(metadata),
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

/** A tag is an element of the list `tags` in the metadata. */
function wantedMetadata({ tag, metadata }: WorkflowFilter): JsonObject | undefined {
  if (tag === undefined) return metadata;
  const others = metadata?.['tags'];
  return { ...metadata, tags: Array.isArray(others) ? [...others, tag] : [tag] };
}
