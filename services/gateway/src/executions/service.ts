import { executionUuid, type ExecutionStatus } from '@millrace/contracts';
import type { BlobRecord, ExecutionFilter, ExecutionRecord, Page } from '@millrace/persistence';
import { parseBlobReference } from '@millrace/runtime';
import { forbidden, notFound, type Principal } from '@millrace/service-kit';
import { DENIED, requireExecution, requireWorkflow, unknownExecution } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';

/** How long a cancellation is waited for before the answer tells the state as it is. */
const CANCEL_WAIT_MS = 5_000;

export interface ListFilter {
  limit: number;
  cursor?: string | undefined;
  workflow?: string | undefined;
  status?: ExecutionStatus | undefined;
  since?: string | undefined;
  until?: string | undefined;
  owner?: string | undefined;
  retry_of?: string | undefined;
  parent_id?: string | undefined;
  error_fingerprint?: string | undefined;
  test?: 'true' | 'false' | undefined;
}

export interface Executions {
  get(caller: Principal, id: string): Promise<ExecutionRecord>;
  list(caller: Principal, filter: ListFilter): Promise<Page<ExecutionRecord>>;
  /** Of a deleted workflow too: history stays readable. */
  listOfWorkflow(caller: Principal, workflowId: string, filter: ListFilter): Promise<Page<ExecutionRecord>>;
  cancel(
    caller: Principal,
    id: string,
    reason: string | undefined,
  ): Promise<{ execution: ExecutionRecord; terminal: boolean }>;
  getBlob(caller: Principal, reference: string): Promise<BlobRecord>;
}

export function createExecutions({ db, runtime }: Pick<GatewayContext, 'db' | 'runtime'>): Executions {
  async function get(caller: Principal, id: string): Promise<ExecutionRecord> {
    const uuid = executionUuid(id);
    if (uuid === undefined) throw unknownExecution(id);
    const found = await db.asCaller(asDatabaseCaller(caller), ({ executions }) => executions.get(uuid));
    if (found) return found;
    await requireExecution(db, caller, id);
    throw unknownExecution(id);
  }

  function list(
    caller: Principal,
    { workflow, owner, ...filter }: ListFilter,
  ): Promise<Page<ExecutionRecord>> {
    return db.asCaller(asDatabaseCaller(caller), async ({ executions, users }) => {
      const wanted: ExecutionFilter = {
        limit: filter.limit,
        cursor: filter.cursor,
        status: filter.status,
        workflowId: workflow,
        since: toDate(filter.since),
        until: toDate(filter.until),
        retryOf: toUuid(filter.retry_of),
        parentId: toUuid(filter.parent_id),
        errorFingerprint: filter.error_fingerprint,
        isTest: filter.test === undefined ? undefined : filter.test === 'true',
      };
      if (owner !== undefined) {
        const ownerId = (await users.findByUsername(owner))?.id;
        if (ownerId === undefined || (!caller.admin && ownerId !== caller.userId)) return { items: [] };
        wanted.ownerId = ownerId;
      }
      return executions.list(wanted);
    });
  }

  return {
    get,

    async list(caller, filter) {
      if (filter.workflow !== undefined) {
        await requireWorkflow(db, caller, filter.workflow, { denied: DENIED.executions, deleted: true });
      }
      return list(caller, filter);
    },

    async listOfWorkflow(caller, workflowId, filter) {
      await requireWorkflow(db, caller, workflowId, { denied: DENIED.executions, deleted: true });
      return list(caller, { ...filter, workflow: workflowId });
    },

    async cancel(caller, id, reason) {
      const { uuid } = await requireExecution(db, caller, id);
      const answer = await runtime.cancel({
        executionId: uuid,
        by: { id: caller.userId, username: caller.username },
        ...(reason !== undefined && { reason }),
        waitMs: CANCEL_WAIT_MS,
      });
      if (!answer) throw unknownExecution(id);
      return { execution: await get(caller, id), terminal: answer.terminal };
    },

    async getBlob(caller, reference) {
      const parsed = parseBlobReference(reference);
      if (!parsed) throw notFound('Blob', reference.slice(0, 100));
      const { access, blob } = await db.asCaller(asDatabaseCaller(caller), async (repositories) => ({
        access: await repositories.access.execution(parsed.executionId),
        blob: await repositories.blobs.get(parsed.executionId, parsed.id),
      }));
      if (blob) return blob;
      if (access && !caller.admin && access.ownerId !== caller.userId) throw forbidden(DENIED.execution);
      throw notFound('Blob', reference);
    },
  };
}

function toUuid(id: string | undefined): string | undefined {
  return id === undefined ? undefined : executionUuid(id);
}

function toDate(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
