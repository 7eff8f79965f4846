import { type ApprovalResource, toApprovalId, toExecutionId } from '@millrace/contracts';
import type { ApprovalRecord } from '@millrace/persistence';
import { type Decider, rightToDecide } from '@millrace/runtime';
import { isoTime } from '../http/dates.js';

const optionalTime = (time: Date | null): string | null => (time === null ? null : isoTime(time));

/** As one caller sees it: `may_decide` is theirs. */
export function toApprovalResource(record: ApprovalRecord, caller: Decider): ApprovalResource {
  const decidedBefore = record.decisions.some((each) => each.by === caller.username);
  return {
    approval_id: toApprovalId(record.id),
    kind: record.kind,
    status: record.status,
    workflow_id: record.workflowId,
    workflow_name: record.workflowName,
    execution_id: toExecutionId(record.executionId),
    step_id: record.stepId,
    iteration: record.iteration,
    attempt: record.attempt,
    message: record.message,
    owner: record.owner,
    submitted_by: record.submittedBy,
    approvers: record.approvers,
    required: record.required,
    exclude_submitter: record.excludeSubmitter,
    default_outcome: record.defaultOutcome,
    requested_at: isoTime(record.requestedAt),
    deadline: optionalTime(record.deadline),
    decisions: record.decisions,
    decided_at: optionalTime(record.decidedAt),
    may_decide: record.status === 'open' && !decidedBefore && rightToDecide(record, caller) === 'allowed',
  };
}
