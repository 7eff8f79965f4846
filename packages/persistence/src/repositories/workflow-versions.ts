import type { SelectQueryBuilder } from 'typeorm';
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

/** Published versions, of deleted workflows too. They never change. */
export interface WorkflowVersionRepository {
  /** Newest first. */
  list(workflowId: string, request: PageRequest): Promise<Page<WorkflowVersionSummary>>;
  get(workflowId: string, version: number): Promise<WorkflowVersionRecord | undefined>;
}

const isVersion = (version: number): boolean =>
  Number.isInteger(version) && version > 0 && version < 2_147_483_648;

export function workflowVersionRepository(session: Session): WorkflowVersionRepository {
  const versions = (): SelectQueryBuilder<WorkflowVersionRow> =>
    session.manager
      .createQueryBuilder(WorkflowVersionEntity, 'v')
      .leftJoin('v.creator', 'creator')
      .addSelect(['creator.id', 'creator.username']);

  return {
    async list(workflowId, request) {
      if (!isStorable(workflowId)) return { items: [] };
      const query = versions()
        .where('v.workflowId = :workflowId', { workflowId })
        .orderBy('v.version', 'DESC')
        .limit(fetchSize(request));
      if (request.cursor !== undefined) {
        const before = Number(request.cursor);
        if (!isVersion(before)) throw new InvalidCursorError();
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
  };
}
