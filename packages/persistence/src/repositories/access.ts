import { isUuid } from '../caller.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/**
 * Who owns a thing, whoever asks: it tells a foreign id (403) from an unknown one (404) and gives away nothing else.
 * One statement, no transaction and no caller needed.
 */
export interface AccessRepository {
  workflow(id: string): Promise<{ ownerId: string; deleted: boolean } | undefined>;
  execution(uuid: string): Promise<{ ownerId: string; workflowId: string } | undefined>;
}

export function accessRepository(session: Session): AccessRepository {
  return {
    async workflow(id) {
      if (!isStorable(id)) return undefined;
      const [row] = await session.rows<{ owner_id: string | null; deleted: boolean | null }>(
        'SELECT owner_id, deleted FROM workflow_access($1)',
        [id],
      );
      // A function with OUT parameters answers an unknown id with one row of nulls.
      if (!row?.owner_id) return undefined;
      return { ownerId: row.owner_id, deleted: row.deleted === true };
    },

    async execution(uuid) {
      if (!isUuid(uuid)) return undefined;
      const [row] = await session.rows<{ owner_id: string | null; workflow_id: string | null }>(
        'SELECT owner_id, workflow_id FROM execution_access($1)',
        [uuid],
      );
      if (!row?.owner_id || row.workflow_id === null) return undefined;
      return { ownerId: row.owner_id, workflowId: row.workflow_id };
    },
  };
}
