import {
  type AnswerPayload,
  type ApprovalDecision,
  type ApprovalStatus,
  type Decision,
  DECISION_OUTCOMES,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import {
  inTransaction,
  type LockedApproval,
  lockApproval,
  type Queryable,
  recordDecisions,
  sendSignals,
  type SignalDelivery,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Signaller } from './signal.js';
import { answerTo } from './waits.js';

export interface Decider {
  id: string;
  username: string;
  admin: boolean;
}

export interface DecideApproval {
  /** The bare uuid. */
  approvalId: string;
  by: Decider;
  decision: Decision;
  comment?: string | undefined;
  output?: JsonValue | undefined;
}

export type DecideOutcome =
  | { kind: 'recorded' }
  | { kind: 'unknown' }
  /** Not among those who may decide. */
  | { kind: 'not_allowed' }
  /** It excludes whoever submitted the execution. */
  | { kind: 'is_submitter' }
  /** Of the other kind of approval. */
  | { kind: 'wrong_decision'; possible: string[] }
  | { kind: 'decided_before' }
  | { kind: 'not_open'; status: ApprovalStatus };

export interface Approvals {
  /** Adds what one person decides; the decision that settles it answers the step. Rejects when Postgres is away. */
  decide(request: DecideApproval): Promise<DecideOutcome>;
}

/** What decides who may decide. */
export type ApprovalRules = Pick<
  LockedApproval,
  'ownerId' | 'submittedById' | 'approvers' | 'excludeSubmitter'
>;

/**
 * Those who are named; where nobody is, whoever may execute the workflow. An administrator always, but for one who
 * submitted an execution whose submitter is excluded.
 */
export function rightToDecide(
  rules: ApprovalRules,
  person: Decider,
): 'allowed' | 'not_allowed' | 'is_submitter' {
  if (rules.excludeSubmitter && rules.submittedById === person.id) return 'is_submitter';
  const named = rules.approvers.includes(person.username);
  const may = person.admin || named || (rules.approvers.length === 0 && rules.ownerId === person.id);
  return may ? 'allowed' : 'not_allowed';
}

/** What the decisions so far make of it. One rejection decides; so does any verdict. */
function settle({ kind, required }: LockedApproval, decisions: readonly ApprovalDecision[]): ApprovalStatus {
  if (kind === 'verdict') return statusOf(kind, decisions.at(-1)?.decision) ?? 'open';
  if (decisions.some((each) => each.decision === 'reject')) return 'rejected';
  return decisions.filter((each) => each.decision === 'approve').length >= required ? 'approved' : 'open';
}

function statusOf(kind: LockedApproval['kind'], decision: string | undefined): ApprovalStatus | undefined {
  const outcomes: Record<string, ApprovalStatus> = DECISION_OUTCOMES[kind];
  return decision !== undefined && Object.hasOwn(outcomes, decision) ? outcomes[decision] : undefined;
}

/** What the step hears. A verdict of success brings the output that the attempt did not leave. */
function answerOf(
  approval: LockedApproval,
  decisions: readonly ApprovalDecision[],
  status: ApprovalStatus,
): AnswerPayload {
  const output = decisions.findLast((each) => each.output !== undefined)?.output;
  const summary: JsonObject = {
    decision: status,
    comment: decisions.findLast((each) => each.comment !== null)?.comment ?? null,
    decided_by: decisions
      .filter((each) => statusOf(approval.kind, each.decision) === status)
      .map((each) => each.by),
    decisions: decisions.map(({ by, decision, comment, at }) => ({ by, decision, comment, at })),
    ...(output !== undefined && { output }),
  };
  return answerTo(approval, {
    ok: true,
    branch: status,
    output: status === 'succeed' ? (output ?? null) : summary,
  });
}

export function createApprovals(context: RuntimeContext, signaller: Pick<Signaller, 'announce'>): Approvals {
  const { db, settings, crash } = context;

  function refusal(approval: LockedApproval, { by, decision }: DecideApproval): DecideOutcome | undefined {
    const right = rightToDecide(approval, by);
    if (right !== 'allowed') return { kind: right };
    if (statusOf(approval.kind, decision) === undefined) {
      return { kind: 'wrong_decision', possible: Object.keys(DECISION_OUTCOMES[approval.kind]) };
    }
    if (approval.status !== 'open') return { kind: 'not_open', status: approval.status };
    if (approval.decisions.some((each) => each.by === by.username)) return { kind: 'decided_before' };
    return undefined;
  }

  /** Under the lock of the approval, so that of two deciders one comes first. */
  async function decideLocked(
    tx: Queryable,
    request: DecideApproval,
  ): Promise<{ outcome: DecideOutcome; deliveries: SignalDelivery[] }> {
    const approval = await lockApproval(tx, request.approvalId);
    if (approval === undefined) return { outcome: { kind: 'unknown' }, deliveries: [] };
    const refused = refusal(approval, request);
    if (refused !== undefined) return { outcome: refused, deliveries: [] };
    const { by, decision, comment, output } = request;
    const decisions: ApprovalDecision[] = [
      ...approval.decisions,
      {
        by: by.username,
        decision,
        comment: comment ?? null,
        at: approval.now.toISOString(),
        ...(output !== undefined && { output }),
      },
    ];
    const status = settle(approval, decisions);
    if (status === 'open') {
      await recordDecisions(tx, approval.id, decisions, status);
      return { outcome: { kind: 'recorded' }, deliveries: [] };
    }
    const { executionId } = approval;
    const deliveries = await sendSignals(
      tx,
      { kind: 'approval', sentBy: by.id },
      [{ executionId, payload: answerOf(approval, decisions, status) }],
      settings.redispatchSeconds,
    );
    // Nobody is there to hear it: the execution has ended, and the approval with it.
    if (deliveries.length === 0) {
      await recordDecisions(tx, approval.id, approval.decisions, 'closed');
      return { outcome: { kind: 'not_open', status: 'closed' }, deliveries };
    }
    await recordDecisions(tx, approval.id, decisions, status);
    return { outcome: { kind: 'recorded' }, deliveries };
  }

  return {
    async decide(request) {
      const { outcome, deliveries } = await inTransaction(db, (tx) => decideLocked(tx, request));
      if (deliveries.length > 0) crash('signal_committed_not_dispatched');
      await signaller.announce(deliveries);
      return outcome;
    },
  };
}
