import {
  BULK_LIMIT,
  type BulkAction,
  type BulkFilter,
  type BulkRequest,
  type BulkResponse,
  type ExecutionStatus,
  isTerminal,
  toExecutionId,
} from '@millrace/contracts';
import { selectForBulk } from '@millrace/persistence';
import { ApiError, conflict, invalidRequest, type Principal, unavailable } from '@millrace/service-kit';
import { DENIED, requireWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { createLimiter } from '../limiter.js';
import { resolveConditions } from './conditions.js';
import type { Control } from './control.js';
import { keyOfOnce, type Repetition } from './repeat.js';
import type { Executions } from './service.js';

export interface BulkOptions {
  dryRun?: boolean;
  /** Of `retry` by id: the same key makes one new execution of each. By filter that is so without one. */
  idempotencyKey?: string | undefined;
  traceparent?: string | undefined;
}

/** Does one thing to many executions and tells what came of each; `more` is for the caller to know. */
export type Each = (id: string) => Promise<{ execution_id: string; retry_of: string } | undefined>;

export interface Bulk {
  run(caller: Principal, request: BulkRequest, options: BulkOptions): Promise<BulkResponse>;
  /** Goes through ids with the same bound on what happens at once. Rejects when the platform, not a request, fails. */
  each(ids: readonly string[], more: boolean, work: Each): Promise<BulkResponse>;
}

/** What each action is for. Where the filter names no status, these are meant. */
const APPLIES_TO: Record<BulkAction, readonly ExecutionStatus[]> = {
  cancel: ['queued', 'running', 'waiting', 'paused'],
  pause: ['queued', 'running', 'waiting'],
  resume: ['paused'],
  retry: ['failed', 'timed_out', 'cancelled'],
};
/** Somebody wanted a cancelled execution to end: it is retried only where the filter says so. */
const MEANT: Record<BulkAction, readonly ExecutionStatus[]> = {
  ...APPLIES_TO,
  retry: ['failed', 'timed_out'],
};

/** Of one process, all bulk requests together: they must not take the database away from the others. */
const AT_ONCE = 8;
const MAX_WAITING = 10 * BULK_LIMIT;

type Needs = Pick<GatewayContext, 'db' | 'pool' | 'runtime'> & {
  control: Control;
  executions: Pick<Executions, 'get'>;
  repetition: Repetition;
};

export function createBulk(needs: Needs): Bulk {
  const { db, pool, runtime, control, executions, repetition } = needs;
  const limiter = createLimiter({
    places: AT_ONCE,
    waiting: MAX_WAITING,
    full: () => unavailable('Too many bulk requests are under way; send it again in a while'),
  });

  async function cancel(caller: Principal, id: string): Promise<undefined> {
    const { id: executionId, status } = await executions.get(caller, id);
    if (isTerminal(status)) throw conflict(`Execution ${id} is ${status} already`);
    const by = { id: caller.userId, username: caller.username };
    await runtime.cancel({ executionId, by, waitMs: 0 });
    return undefined;
  }

  type Making = Pick<BulkOptions, 'traceparent'> & { keyOf: (id: string) => string | undefined };
  const actions: Record<BulkAction, (caller: Principal, making: Making) => Each> = {
    cancel: (caller) => (id) => cancel(caller, id),
    pause: (caller) => async (id) => {
      await control.pause(caller, id, 0);
      return undefined;
    },
    resume: (caller) => async (id) => {
      await control.resume(caller, id, 0);
      return undefined;
    },
    retry:
      (caller, { traceparent, keyOf }) =>
      async (id) => {
        const options = { traceparent, idempotencyKey: keyOf(id) };
        const made = await repetition.repeat('retry', caller, id, {}, options);
        return { execution_id: made.execution_id, retry_of: made.retry_of };
      },
  };

  async function select(caller: Principal, action: BulkAction, filter: BulkFilter): Promise<string[]> {
    const { workflow, status } = filter;
    const unfit = status?.filter((wanted) => !APPLIES_TO[action].includes(wanted)) ?? [];
    if (unfit.length > 0) {
      const msg = `${action} does nothing to what is ${unfit.join(', ')}: name ${APPLIES_TO[action].join(', ')}`;
      throw invalidRequest([{ loc: ['body', 'filter', 'status'], msg, type: 'invalid_status' }]);
    }
    if (workflow !== undefined) {
      await requireWorkflow(db, caller, workflow, { denied: DENIED.executions, deleted: true });
    }
    const conditions = await db.asCaller(asDatabaseCaller(caller), (repositories) =>
      resolveConditions(caller, repositories, filter, ['body', 'filter']),
    );
    if (conditions === undefined) return [];
    const ownerId = conditions.ownerId ?? (caller.admin ? undefined : caller.userId);
    const selection = { ...conditions, ownerId, action, statuses: status ?? MEANT[action] };
    return (await selectForBulk(pool, selection, BULK_LIMIT + 1)).map(toExecutionId);
  }

  async function each(ids: readonly string[], more: boolean, work: Each): Promise<BulkResponse> {
    const answer: BulkResponse = { matched: ids.length, succeeded: 0, failed: [], created: [], more };
    await Promise.all(
      ids.map((id) =>
        limiter.run(async () => {
          try {
            const created = await work(id);
            if (created) answer.created.push(created);
            answer.succeeded += 1;
          } catch (error) {
            if (!(error instanceof ApiError) || error.status >= 500) throw error;
            answer.failed.push({ execution_id: id, detail: error.detail });
          }
        }),
      ),
    );
    return answer;
  }

  return {
    each,
    async run(caller, { action, ids, filter }, options) {
      const found = filter ? await select(caller, action, filter) : [...new Set(ids)];
      const chosen = found.slice(0, BULK_LIMIT);
      const more = found.length > BULK_LIMIT;
      if (options.dryRun === true) {
        return { matched: chosen.length, succeeded: 0, failed: [], created: [], more };
      }
      const { idempotencyKey: key, traceparent } = options;
      const keyOf = (id: string): string | undefined => {
        if (filter) return keyOfOnce(id);
        return key === undefined ? undefined : `${key}:${id}`;
      };
      return each(chosen, more, actions[action](caller, { traceparent, keyOf }));
    },
  };
}
