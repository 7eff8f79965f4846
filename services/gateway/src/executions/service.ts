import { EXECUTION_STATUSES, type ExecutionCounts, executionUuid } from '@millrace/contracts';
import type { BlobRecord, ExecutionRecord, Page, PageRequest } from '@millrace/persistence';
import { parseBlobReference } from '@millrace/runtime';
import { forbidden, notFound, type Principal } from '@millrace/service-kit';
import { DENIED, requireExecution, requireWorkflow, unknownExecution } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { type GivenConditions, resolveConditions } from './conditions.js';

/** How long a cancellation is waited for before the answer tells the state as it is. */
const CANCEL_WAIT_MS = 5_000;

export type ListFilter = GivenConditions & PageRequest;

export interface Executions {
  get(caller: Principal, id: string): Promise<ExecutionRecord>;
  list(caller: Principal, filter: ListFilter): Promise<Page<ExecutionRecord>>;
  /** In each status that is asked for, in all without; counting stops at 10,000. */
  count(caller: Principal, conditions: GivenConditions): Promise<ExecutionCounts>;
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

  function list(caller: Principal, { limit, cursor, ...given }: ListFilter): Promise<Page<ExecutionRecord>> {
    return db.asCaller(asDatabaseCaller(caller), async (repositories) => {
      const conditions = await resolveConditions(caller, repositories, given);
      return conditions ? repositories.executions.list({ ...conditions, limit, cursor }) : { items: [] };
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

    async count(caller, given) {
      if (given.workflow !== undefined) {
        await requireWorkflow(db, caller, given.workflow, { denied: DENIED.executions, deleted: true });
      }
      const found = await db.asCaller(asDatabaseCaller(caller), async (repositories) => {
        const conditions = await resolveConditions(caller, repositories, given);
        return conditions && (await repositories.executions.count(conditions));
      });
      const statuses = given.status ?? EXECUTION_STATUSES;
      const none = { count: 0, exact: true };
      return { counts: Object.fromEntries(statuses.map((status) => [status, found?.get(status) ?? none])) };
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
