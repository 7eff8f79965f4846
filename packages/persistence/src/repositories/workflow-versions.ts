import type { Definition } from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import type { Caller } from '../caller.js';
import { WorkflowVersionEntity, type WorkflowVersionRow } from '../entities/workflow.js';
import { fetchSize, InvalidCursorError, pageOf, type Page, type PageRequest } from '../paging.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';
import {
  toVersion,
  toVersionSummary,
  type WorkflowVersionRecord,
  type WorkflowVersionSummary,
} from './workflow-shapes.js';

/** Versions, of deleted workflows too. They never change. */
export interface WorkflowVersionRepository {
  /** Published ones, newest first. */
  list(workflowId: string, request: PageRequest): Promise<Page<WorkflowVersionSummary>>;
  /** Below zero: of a draft that was tested. */
  get(workflowId: string, version: number): Promise<WorkflowVersionRecord | undefined>;
  /**
   * Keeps what is to be tested as a version below zero and answers its number: the one it has already where it was kept
   * within a day. Undefined for a workflow that is unknown or deleted.
   */
  keepTest(
    workflowId: string,
    tested: { definition: Definition; fingerprint: Buffer },
  ): Promise<number | undefined>;
}

const isVersion = (version: number): boolean =>
  Number.isInteger(version) && version !== 0 && Math.abs(version) < 2_147_483_648;

export function workflowVersionRepository(session: Session, caller: Caller): WorkflowVersionRepository {
  const versions = (): SelectQueryBuilder<WorkflowVersionRow> =>
    session.manager
      .createQueryBuilder(WorkflowVersionEntity, 'v')
      .leftJoin('v.creator', 'creator')
      .addSelect(['creator.id', 'creator.username']);

  return {
    async list(workflowId, request) {
      if (!isStorable(workflowId)) return { items: [] };
      const query = versions()
        .where('v.workflowId = :workflowId AND v.version > 0', { workflowId })
        .orderBy('v.version', 'DESC')
        .limit(fetchSize(request));
      if (request.cursor !== undefined) {
        const before = Number(request.cursor);
        if (!isVersion(before) || before < 0) throw new InvalidCursorError();
        query.andWhere('v.version < :before', { before });
      }
      return pageOf(await query.getMany(), request, (row) => String(row.version), toVersionSummary);
    },

    async get(workflowId, version) {
      if (!isStorable(workflowId) || !isVersion(version)) return undefined;
      const row = await versions()
        .addSelect('v.definition')
        .where('v.workflowId = :workflowId AND v.version = :version', { workflowId, version })
        .getOne();
      return row ? toVersion(row) : undefined;
    },

    async keepTest(workflowId, { definition, fingerprint }) {
      if (!isStorable(workflowId)) return undefined;
      // The workflow's row is the lock: two first tests at once must not keep it twice.
      const [workflow] = await session.rows(
        'SELECT id FROM workflows WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
        [workflowId],
      );
      if (!workflow) return undefined;
      // An older one may be about to be deleted (see `deleteUnusedTests`).
      const [known] = await session.rows<{ version: number }>(
        `SELECT version FROM workflow_versions
         WHERE workflow_id = $1 AND fingerprint = $2 AND version < 0 AND created_at > now() - interval '1 day'
         ORDER BY version LIMIT 1`,
        [workflowId, fingerprint],
      );
      if (known) return known.version;
      const [kept] = await session.rows<{ version: number }>(
        `INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by, name, node_count)
         VALUES ($1, nextval('test_versions')::int, $2, $3, $4, $5, $6) RETURNING version`,
        [
          ...[workflowId, JSON.stringify(definition), fingerprint, caller.userId],
          ...[definition.name, definition.nodes.length],
        ],
      );
      return kept?.version;
    },
  };
}
