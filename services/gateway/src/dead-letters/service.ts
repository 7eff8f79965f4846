import {
  type BulkResponse,
  type DeadLetter,
  errorFingerprint,
  toExecutionId,
  type VersionChoice,
} from '@millrace/contracts';
import {
  type DeadLetterRecord,
  type DeadLetterScope,
  discardExecutions,
  type ExecutionRecord,
  isKnownFingerprint,
  type Page,
  type PageRequest,
  readDeadLetters,
} from '@millrace/persistence';
import { notFound, type Principal } from '@millrace/service-kit';
import { DENIED, ownerScope, requireWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import type { Bulk } from '../executions/bulk.js';
import { keyOfOnce, type Repetition } from '../executions/repeat.js';
import { isoTime } from '../http/dates.js';

export interface DeadLetterQuery extends PageRequest {
  workflow?: string | undefined;
  since?: string | undefined;
  owner?: string | undefined;
}

/** Each answers 404 for a fingerprint that no failure of the caller's workflows ever had. */
export interface DeadLetters {
  list(caller: Principal, query: DeadLetterQuery): Promise<Page<DeadLetterRecord>>;
  executions(caller: Principal, fingerprint: string, page: PageRequest): Promise<Page<ExecutionRecord>>;
  /** Retries the oldest `limit` of a group. Called again after it died half-way, it does the rest. */
  redrive(
    caller: Principal,
    fingerprint: string,
    options: { version: VersionChoice; limit: number; traceparent?: string | undefined },
  ): Promise<BulkResponse>;
  /** How many left the list. */
  discard(caller: Principal, fingerprint: string): Promise<number>;
}

/** Locked and marked at once. */
const DISCARD_BATCH = 1_000;

type Needs = Pick<GatewayContext, 'db' | 'pool'> & { bulk: Bulk; repetition: Repetition };

export function createDeadLetters({ db, pool, bulk, repetition }: Needs): DeadLetters {
  async function scopeOf(caller: Principal, fingerprint: string): Promise<DeadLetterScope> {
    const scope = { fingerprint, ownerId: caller.admin ? null : caller.userId };
    const isKnown =
      errorFingerprint.safeParse(fingerprint).success && (await isKnownFingerprint(pool, scope));
    if (!isKnown) throw notFound('Dead letter', fingerprint.slice(0, 100));
    return scope;
  }

  return {
    async list(caller, { workflow, since, owner, ...page }) {
      if (workflow !== undefined) {
        await requireWorkflow(db, caller, workflow, { denied: DENIED.executions, deleted: true });
      }
      const scope = await ownerScope(db, caller, owner);
      if (scope === undefined) return { items: [] };
      return db.asCaller(asDatabaseCaller(caller), ({ deadLetters }) =>
        deadLetters.list({
          ...page,
          ownerId: scope.ownerId,
          workflowId: workflow,
          since: since === undefined ? undefined : new Date(since),
        }),
      );
    },

    async executions(caller, fingerprint, page) {
      await scopeOf(caller, fingerprint);
      return db.asCaller(asDatabaseCaller(caller), ({ executions }) =>
        executions.list({ ...page, errorFingerprint: fingerprint, isDead: true }),
      );
    },

    async redrive(caller, fingerprint, { version, limit, traceparent }) {
      const scope = await scopeOf(caller, fingerprint);
      const found = await readDeadLetters(pool, scope, limit + 1);
      const ids = found.slice(0, limit).map(toExecutionId);
      return bulk.each(ids, found.length > limit, async (id) => {
        const made = await repetition.repeat(
          'retry',
          caller,
          id,
          { version },
          { idempotencyKey: keyOfOnce(id), traceparent },
        );
        return { execution_id: made.execution_id, retry_of: made.retry_of };
      });
    },

    async discard(caller, fingerprint) {
      const scope = await scopeOf(caller, fingerprint);
      let discarded = 0;
      for (;;) {
        const found = await readDeadLetters(pool, scope, DISCARD_BATCH);
        discarded += await discardExecutions(pool, found, caller.userId);
        if (found.length < DISCARD_BATCH) return discarded;
      }
    },
  };
}

export function toDeadLetter(record: DeadLetterRecord): DeadLetter {
  const { fingerprint, workflowId, count, firstSeen, lastSeen, error, executionIds } = record;
  return {
    fingerprint,
    workflow_id: workflowId,
    code: error?.code ?? 'unknown',
    step_id: error?.step_id ?? null,
    message: error?.message ?? '',
    count,
    first_seen: isoTime(firstSeen),
    last_seen: isoTime(lastSeen),
    executions: executionIds.map(toExecutionId),
  };
}
