import type { JsonObject, WorkflowStatus } from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import type { Caller } from '../caller.js';
import { WorkflowEntity, type WorkflowRow } from '../entities/workflow.js';
import { fetchSize, pageOf, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorableJson, prefixQuery } from './text.js';
import { continueBehind, orderWorkflows, parseWorkflowCursor, type WorkflowOrder } from './workflow-order.js';
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
  /** Deleted ones instead of the others: the last deleted first, whatever `sort` says. */
  deleted?: boolean | undefined;
  /** The newest first without it. */
  sort?: Exclude<WorkflowOrder, 'deleted_at'> | undefined;
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

interface Wanted {
  owner: string | undefined;
  /** A text-search query. */
  words: string | undefined;
  metadata: JsonObject | undefined;
}

export async function listWorkflows(
  session: Session,
  caller: Caller,
  filter: WorkflowFilter,
): Promise<Page<WorkflowSummaryRecord>> {
  const order = filter.deleted === true ? 'deleted_at' : (filter.sort ?? 'created_at');
  const place = parseWorkflowCursor(order, filter.cursor);
  const words = filter.search === undefined ? undefined : prefixQuery(filter.search);
  const metadata = wantedMetadata(filter);
  // A search for no word, and one for text that no row can hold, find nothing.
  if (filter.search !== undefined && words === undefined) return { items: [] };
  if (metadata !== undefined && !isStorableJson(metadata)) return { items: [] };
  // Row-level security would leave out other owners' rows, but only this condition reaches the index.
  const wanted = { owner: filter.ownerId ?? (caller.admin ? undefined : caller.userId), words, metadata };

  const query = orderWorkflows(selectWorkflows(session), order).limit(fetchSize(filter));
  if (order !== 'deleted_at' && (words !== undefined || metadata !== undefined)) {
    query.where(FOUND, {
      ...{ size: fetchSize(filter), status: filter.status ?? null, order },
      ...{ owner: wanted.owner ?? null, words: words ?? null },
      metadata: metadata === undefined ? null : JSON.stringify(metadata),
      ...{ name: place?.name ?? null, time: place?.time ?? null, key: place?.key ?? null },
    });
  } else {
    query.where(order === 'deleted_at' ? 'w.deletedAt IS NOT NULL' : 'w.deletedAt IS NULL');
    narrow(query, filter, wanted);
    if (place !== undefined) continueBehind(query, order, place);
  }
  const { entities, raw } = await query.getRawAndEntities<{ cursor: string }>();
  const rows = entities.map((row, index) => ({ row, cursor: raw[index]?.cursor ?? '' }));
  return pageOf(
    rows,
    filter,
    ({ cursor }) => cursor,
    ({ row }) => toSummary(row),
  );
}

const FOUND = `w.id IN (
  SELECT found.id
  FROM search_workflows(:owner, :words, :metadata, :status, :order, :name, :time, :key, :size) found)`;

/** Words and metadata only of deleted workflows, which are few enough to look at each. */
function narrow(
  query: SelectQueryBuilder<WorkflowRow>,
  { status }: WorkflowFilter,
  { owner, words, metadata }: Wanted,
): void {
  if (owner !== undefined) query.andWhere('w.ownerId = :owner', { owner });
  if (status !== undefined) query.andWhere('w.status = :status', { status });
  if (words !== undefined) query.andWhere("w.search @@ to_tsquery('simple', :words)", { words });
  if (metadata !== undefined) {
    query.andWhere('w.metadata @> :metadata::jsonb', { metadata: JSON.stringify(metadata) });
  }
}

export async function workflowsWithTag(
  session: Session,
  caller: Caller,
  tag: string,
  { ownerId, limit }: { ownerId?: string | undefined; limit: number },
): Promise<string[]> {
  const metadata = { tags: [tag] };
  if (!isStorableJson(metadata)) return [];
  const owner = ownerId ?? (caller.admin ? null : caller.userId);
  const rows = await session.rows<{ id: string }>(
    "SELECT id FROM search_workflows($1, NULL, $2, NULL, 'created_at', NULL, NULL, NULL, $3)",
    [owner, JSON.stringify(metadata), limit],
  );
  return rows.map(({ id }) => id);
}

/** A tag is an element of the list `tags` in the metadata. */
function wantedMetadata({ tag, metadata }: WorkflowFilter): JsonObject | undefined {
  if (tag === undefined) return metadata;
  const others = metadata?.['tags'];
  return { ...metadata, tags: Array.isArray(others) ? [...others, tag] : [tag] };
}
