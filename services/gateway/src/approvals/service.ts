import { approvalUuid, type BoundedCount, type DecideRequest, executionUuid } from '@millrace/contracts';
import type { ApprovalConditions, ApprovalRecord, Page, PageRequest } from '@millrace/persistence';
import type { Decider, DecideOutcome } from '@millrace/runtime';
import { conflict, forbidden, invalidRequest, notFound, type Principal } from '@millrace/service-kit';
import { asDatabaseCaller, type GatewayContext } from '../context.js';

export interface ApprovalQuery {
  status?: 'open' | 'decided' | undefined;
  workflow?: string | undefined;
  execution?: string | undefined;
  may_decide?: 'true' | 'false' | undefined;
}

export interface ApprovalService {
  list(caller: Principal, filter: ApprovalQuery & PageRequest): Promise<Page<ApprovalRecord>>;
  /** Counting stops at 1,000. */
  count(caller: Principal, query: ApprovalQuery): Promise<BoundedCount>;
  get(caller: Principal, id: string): Promise<ApprovalRecord>;
  /** The approval with the decision in it; 403 or 409 with the reason otherwise. */
  decide(caller: Principal, id: string, request: DecideRequest): Promise<ApprovalRecord>;
}

const DENIED = 'Access denied to this approval';
/** Output goes into the log of the execution, where such values are small. */
const MAX_OUTPUT_BYTES = 64 * 1024;

export function toDecider({ userId, username, admin }: Principal): Decider {
  return { id: userId, username, admin };
}

export function createApprovalService({
  db,
  pool,
  runtime,
}: Pick<GatewayContext, 'db' | 'pool' | 'runtime'>): ApprovalService {
  const unknown = (id: string): Error => notFound('Approval', id.slice(0, 100));

  async function get(caller: Principal, id: string): Promise<ApprovalRecord> {
    const uuid = approvalUuid(id);
    if (uuid === undefined) throw unknown(id);
    const found = await db.asCaller(asDatabaseCaller(caller), ({ approvals }) => approvals.get(uuid));
    if (found) return found;
    const { rows } = await pool.query('SELECT 1 FROM approvals WHERE id = $1', [uuid]);
    throw rows.length > 0 ? forbidden(DENIED) : unknown(id);
  }

  /** Nothing where the decision was recorded. */
  function assertRecorded(id: string, outcome: DecideOutcome): void {
    switch (outcome.kind) {
      case 'recorded':
        return;
      case 'unknown':
        throw unknown(id);
      case 'not_allowed':
        throw forbidden('Only its approvers may decide this approval');
      case 'is_submitter':
        throw forbidden('Whoever submitted the execution may not decide this approval');
      case 'wrong_decision': {
        const msg = `must be one of ${outcome.possible.join(', ')} for this approval`;
        throw invalidRequest([{ loc: ['body', 'decision'], msg, type: 'value' }]);
      }
      case 'decided_before':
        throw conflict('You have decided this approval before; it waits for others');
      case 'not_open':
        throw conflict(`This approval is ${outcome.status} and takes no more decisions`);
    }
  }

  return {
    get,

    list: (caller, { limit, cursor, ...query }) =>
      db.asCaller(asDatabaseCaller(caller), ({ approvals }) =>
        approvals.list({ ...toConditions(query), limit, cursor }),
      ),

    count: (caller, query) =>
      db.asCaller(asDatabaseCaller(caller), ({ approvals }) => approvals.count(toConditions(query))),

    async decide(caller, id, { decision, comment, output }) {
      const uuid = approvalUuid(id);
      if (uuid === undefined) throw unknown(id);
      assertOutput(decision, output);
      const by = toDecider(caller);
      assertRecorded(id, await runtime.approvals.decide({ approvalId: uuid, by, decision, comment, output }));
      return get(caller, id);
    },
  };
}

function toConditions({
  status,
  workflow,
  execution,
  may_decide: mayDecide,
}: ApprovalQuery): ApprovalConditions {
  return {
    status,
    workflowId: workflow,
    executionId: execution === undefined ? undefined : executionUuid(execution),
    mayDecide: mayDecide === 'true',
  };
}

function assertOutput(decision: DecideRequest['decision'], output: DecideRequest['output']): void {
  if (output === undefined) return;
  const loc = ['body', 'output'];
  if (decision === 'retry' || decision === 'fail') {
    throw invalidRequest([{ loc, msg: `has no meaning with the decision ${decision}`, type: 'value' }]);
  }
  if (Buffer.byteLength(JSON.stringify(output)) > MAX_OUTPUT_BYTES) {
    throw invalidRequest([{ loc, msg: 'must be at most 64 KiB of JSON', type: 'too_big' }]);
  }
}
