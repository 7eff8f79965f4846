import type { Definition, WorkflowStatus } from '@millrace/contracts';
import type { Caller } from '../caller.js';
import type { Page } from '../paging.js';
import type { Session } from './session.js';
import { assertStorable, isStorable, isStorableJson, UnstorableTextError } from './text.js';
import { listWorkflows, selectWorkflows, type WorkflowFilter, workflowsWithTag } from './workflow-list.js';
import {
  derivedColumns,
  toWorkflow,
  type WorkflowRecord,
  type WorkflowSummaryRecord,
} from './workflow-shapes.js';

export interface NewWorkflow {
  /** `wf_` and a UUIDv7 without one. */
  id?: string | undefined;
  /** The caller by default; only admins may name someone else. */
  ownerId?: string | undefined;
  definition: Definition;
  /** SHA-256 of the graph, 32 bytes. */
  fingerprint: Buffer;
}

/** One that has never been published: without steps, and with a draft. */
export interface NewUnpublishedWorkflow extends Omit<NewWorkflow, 'definition' | 'fingerprint'> {
  name: string;
}

export interface WorkflowUpdate {
  definition: Definition;
  fingerprint: Buffer;
  /** Only write when the workflow, or its draft, still has this revision. */
  expectedRevision?: number | undefined;
  /** Transfers it with its executions; only admins may. */
  ownerId?: string | undefined;
  /** The version whose content this is. */
  restoredFrom?: number | undefined;
}

export interface WorkflowPatch {
  status?: WorkflowStatus | undefined;
  ownerId?: string | undefined;
  expectedRevision?: number | undefined;
}

/** `stale`: the workflow has another revision than expected. `unknown`: absent, deleted, or not the caller's. */
export type WorkflowWrite =
  | { kind: 'saved'; workflow: WorkflowRecord; published: boolean }
  | { kind: 'stale'; revision: number }
  | { kind: 'unknown' };

/**
 * What the caller may see, and nothing else: a foreign workflow is as unknown as one that does not exist (see
 * AccessRepository). The caller is written down as creator or editor. Writes throw UnstorableTextError for text that
 * the database cannot hold; giving a workflow to someone else without being an admin fails with SQL state 42501.
 */
export interface WorkflowRepository {
  /** With its version 1. `taken` when the id is in use, also by a deleted workflow or by someone else's. */
  create(workflow: NewWorkflow): Promise<{ kind: 'created'; workflow: WorkflowRecord } | { kind: 'taken' }>;
  /** With status `draft` and version 0; saving it publishes version 1. */
  createUnpublished(
    workflow: NewUnpublishedWorkflow,
  ): Promise<{ kind: 'created'; workflow: WorkflowRecord } | { kind: 'taken' }>;
  /** Deleted ones only when asked for: their history stays readable. */
  get(id: string, options?: { deleted?: boolean }): Promise<WorkflowRecord | undefined>;
  list(filter: WorkflowFilter): Promise<Page<WorkflowSummaryRecord>>;
  /** Those with the tag, of one owner or of everybody the caller sees; the newest `limit`. */
  idsWithTag(tag: string, options: { ownerId?: string | undefined; limit: number }): Promise<string[]>;
  /** Replaces the definition; publishes a new version when the fingerprint changed. Raises the revision. */
  save(id: string, update: WorkflowUpdate): Promise<WorkflowWrite>;
  /**
   * Changes status or owner and leaves the definition alone. Raises the revision. The status of one that was never
   * published is left alone, too.
   */
  patch(id: string, patch: WorkflowPatch): Promise<WorkflowWrite>;
  /** Soft: the row, its versions and its executions stay; its id is never free again. */
  softDelete(
    id: string,
    options?: { expectedRevision?: number | undefined },
  ): Promise<{ kind: 'deleted' } | { kind: 'stale'; revision: number } | { kind: 'unknown' }>;
  /** Takes a deletion back and raises the revision; one that is not deleted stays as it is. Undefined: not the caller's. */
  undelete(id: string): Promise<WorkflowRecord | undefined>;
}

interface Current {
  version: number;
  revision: number;
  same_graph: boolean;
}

type Locked =
  { kind: 'locked'; current: Current } | { kind: 'stale'; revision: number } | { kind: 'unknown' };

function checkText(definition: Definition): void {
  assertStorable({ name: definition.name, description: definition.description });
  if (!isStorableJson(definition.metadata)) throw new UnstorableTextError('metadata');
}

export function workflowRepository(session: Session, caller: Caller): WorkflowRepository {
  async function get(id: string, options: { deleted?: boolean } = {}): Promise<WorkflowRecord | undefined> {
    if (!isStorable(id)) return undefined;
    const query = selectWorkflows(session).addSelect('w.definition').where('w.id = :id', { id });
    if (options.deleted !== true) query.andWhere('w.deletedAt IS NULL');
    const row = await query.getOne();
    return row ? toWorkflow(row) : undefined;
  }

  /** Holds the row until the end of the transaction, so that what was compared is what gets changed. */
  async function lock(id: string, expected: number | undefined, fingerprint?: Buffer): Promise<Locked> {
    if (!isStorable(id)) return { kind: 'unknown' };
    const [current] = await session.rows<Current>(
      `SELECT version, revision, coalesce(fingerprint = $2, true) AS same_graph FROM workflows
       WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`,
      [id, fingerprint ?? null],
    );
    if (!current) return { kind: 'unknown' };
    const isExpected = expected === undefined || expected === current.revision;
    if (isExpected || expected === (await draftRevision(id))) return { kind: 'locked', current };
    return { kind: 'stale', revision: current.revision };
  }

  /** Asked under the lock of the workflow's row, which whoever writes a draft holds too. */
  async function draftRevision(id: string): Promise<number | undefined> {
    const [draft] = await session.rows<{ revision: number }>(
      'SELECT revision FROM drafts WHERE workflow_id = $1',
      [id],
    );
    return draft?.revision;
  }

  async function publish(
    id: string,
    version: number,
    definition: Definition,
    fingerprint: Buffer,
    restoredFrom: number | null = null,
  ): Promise<void> {
    await session.affected(
      `INSERT INTO workflow_versions
         (workflow_id, version, definition, fingerprint, created_by, name, node_count, restored_from)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        id,
        version,
        JSON.stringify(definition),
        fingerprint,
        caller.userId,
        definition.name,
        definition.nodes.length,
        restoredFrom,
      ],
    );
  }

  /** Their executions are seen by whoever owns the workflow. With a long history this takes its time. */
  async function transferExecutions(id: string): Promise<void> {
    await session.rows('SELECT give_executions_to_owner($1)', [id]);
  }

  async function written(id: string, published: boolean): Promise<WorkflowWrite> {
    const workflow = await get(id);
    return workflow ? { kind: 'saved', workflow, published } : { kind: 'unknown' };
  }

  /** The id; undefined when it is taken. */
  async function insert(
    workflow: NewWorkflow & { status: WorkflowStatus; version: number },
  ): Promise<string | undefined> {
    const { id, ownerId, definition, fingerprint, status, version } = workflow;
    checkText(definition);
    const columns = derivedColumns(definition);
    const [inserted] = await session.rows<{ id: string }>(
      `INSERT INTO workflows
         (id, owner_id, name, description, status, node_count, metadata, tags, definition, fingerprint,
          created_by, updated_by, secret_names, version)
       VALUES (coalesce($1, 'wf_' || uuid7()), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        id ?? null,
        ownerId ?? caller.userId,
        columns.name,
        columns.description,
        status,
        columns.nodeCount,
        JSON.stringify(columns.metadata),
        columns.tags,
        JSON.stringify(definition),
        fingerprint,
        caller.userId,
        columns.secretNames,
        version,
      ],
    );
    return inserted?.id;
  }

  async function created(id: string): Promise<{ kind: 'created'; workflow: WorkflowRecord }> {
    const workflow = await get(id);
    if (!workflow) throw new Error('a workflow just created is not visible to its creator');
    return { kind: 'created', workflow };
  }

  return {
    get,
    list: (filter) => listWorkflows(session, caller, filter),
    idsWithTag: (tag, options) => workflowsWithTag(session, caller, tag, options),

    async create(workflow) {
      const id = await insert({ ...workflow, status: 'active', version: 1 });
      if (id === undefined) return { kind: 'taken' };
      await publish(id, 1, workflow.definition, workflow.fingerprint);
      return created(id);
    },

    async createUnpublished({ name, ...workflow }) {
      const definition: Definition = { name, description: '', nodes: [], edges: [], metadata: {} };
      // Of no graph there is: what is published first is always a change.
      const fingerprint = Buffer.alloc(32);
      const id = await insert({ ...workflow, definition, fingerprint, status: 'draft', version: 0 });
      return id === undefined ? { kind: 'taken' } : created(id);
    },

    async save(id, { definition, fingerprint, expectedRevision, ownerId, restoredFrom }) {
      checkText(definition);
      const locked = await lock(id, expectedRevision, fingerprint);
      if (locked.kind !== 'locked') return locked;
      const published = !locked.current.same_graph;
      const version = locked.current.version + (published ? 1 : 0);
      const revision = Math.max(locked.current.revision, (await draftRevision(id)) ?? 0) + 1;
      if (published) await publish(id, version, definition, fingerprint, restoredFrom);
      const columns = derivedColumns(definition);
      await session.affected(
        `UPDATE workflows SET name = $2, description = $3, node_count = $4, metadata = $5, tags = $6,
           definition = $7, fingerprint = $8, version = $9, revision = $13,
           status = CASE status WHEN 'draft' THEN 'active' ELSE status END,
           owner_id = coalesce($10, owner_id), updated_by = $11, secret_names = $12
         WHERE id = $1`,
        [
          id,
          columns.name,
          columns.description,
          columns.nodeCount,
          JSON.stringify(columns.metadata),
          columns.tags,
          JSON.stringify(definition),
          fingerprint,
          version,
          ownerId ?? null,
          caller.userId,
          columns.secretNames,
          revision,
        ],
      );
      if (ownerId !== undefined) await transferExecutions(id);
      return written(id, published);
    },

    async patch(id, { status, ownerId, expectedRevision }) {
      const locked = await lock(id, expectedRevision);
      if (locked.kind !== 'locked') return locked;
      await session.affected(
        `UPDATE workflows SET status = CASE status WHEN 'draft' THEN status ELSE coalesce($2, status) END,
           owner_id = coalesce($3, owner_id),
           revision = revision + 1, updated_by = $4
         WHERE id = $1`,
        [id, status ?? null, ownerId ?? null, caller.userId],
      );
      if (ownerId !== undefined) await transferExecutions(id);
      return written(id, false);
    },

    async softDelete(id, options = {}) {
      const locked = await lock(id, options.expectedRevision);
      if (locked.kind !== 'locked') return locked;
      await session.affected(
        `UPDATE workflows SET deleted_at = now(), deleted_by = $2, updated_by = $2, revision = revision + 1
         WHERE id = $1`,
        [id, caller.userId],
      );
      return { kind: 'deleted' };
    },

    async undelete(id) {
      if (!isStorable(id)) return undefined;
      await session.affected(
        `UPDATE workflows SET deleted_at = NULL, deleted_by = NULL, updated_by = $2, revision = revision + 1
         WHERE id = $1 AND deleted_at IS NOT NULL`,
        [id, caller.userId],
      );
      return get(id);
    },
  };
}
