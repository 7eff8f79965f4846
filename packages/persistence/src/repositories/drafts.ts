import type { JsonObject } from '@millrace/contracts';
import type { Caller } from '../caller.js';
import { DraftEntity } from '../entities/workflow.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';
import type { DraftRecord } from './workflow-shapes.js';

/** `stale`: something else than expected is being edited, and `revision` is what it is now. `unknown`: no such workflow. */
export type DraftWrite =
  { kind: 'saved'; draft: DraftRecord } | { kind: 'stale'; revision: number } | { kind: 'unknown' };

/**
 * What is being edited: at most one draft a workflow, saved without publishing anything. Its revisions go on from those of
 * the workflow, and the next publication from them, so that no number ever means two contents.
 */
export interface DraftRepository {
  get(workflowId: string): Promise<DraftRecord | undefined>;
  /** Inserts or replaces. Where there is no draft yet, `expectedRevision` is that of the workflow. */
  put(workflowId: string, definition: JsonObject, expectedRevision?: number): Promise<DraftWrite>;
  /** False when there was none. */
  discard(workflowId: string): Promise<boolean>;
}

export function draftRepository(session: Session, caller: Caller): DraftRepository {
  async function get(workflowId: string): Promise<DraftRecord | undefined> {
    if (!isStorable(workflowId)) return undefined;
    const row = await session.manager
      .createQueryBuilder(DraftEntity, 'd')
      .leftJoin('d.editor', 'editor')
      .addSelect(['editor.id', 'editor.username'])
      .where('d.workflowId = :workflowId', { workflowId })
      .getOne();
    if (!row) return undefined;
    const { definition, revision, updatedAt } = row;
    return { workflowId, definition, revision, updatedAt, updatedBy: row.editor?.username ?? row.updatedBy };
  }

  return {
    get,

    async put(workflowId, definition, expectedRevision) {
      if (!isStorable(workflowId)) return { kind: 'unknown' };
      // The workflow's row is the lock: two first drafts at once must not both see none.
      const [workflow] = await session.rows<{ revision: number }>(
        'SELECT revision FROM workflows WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
        [workflowId],
      );
      if (!workflow) return { kind: 'unknown' };
      const current = (await get(workflowId))?.revision ?? workflow.revision;
      if (expectedRevision !== undefined && expectedRevision !== current) {
        return { kind: 'stale', revision: current };
      }
      await session.affected(
        `INSERT INTO drafts (workflow_id, definition, updated_by, revision) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workflow_id) DO UPDATE SET definition = excluded.definition,
           revision = drafts.revision + 1, updated_by = excluded.updated_by`,
        [workflowId, JSON.stringify(definition), caller.userId, workflow.revision + 1],
      );
      const draft = await get(workflowId);
      return draft ? { kind: 'saved', draft } : { kind: 'unknown' };
    },

    async discard(workflowId) {
      if (!isStorable(workflowId)) return false;
      return (await session.affected('DELETE FROM drafts WHERE workflow_id = $1', [workflowId])) === 1;
    },
  };
}
