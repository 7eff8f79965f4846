import type { ApprovalResource, ApprovalStatus } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { cx } from '@/lib/classes';
import { DecisionForm } from './decision-form';

const STATUS_WORDS: Record<ApprovalStatus, { word: string; color: string }> = {
  open: { word: 'Waiting', color: 'text-waiting' },
  approved: { word: 'Approved', color: 'text-success' },
  rejected: { word: 'Rejected', color: 'text-failed' },
  retry: { word: 'To be tried again', color: 'text-success' },
  fail: { word: 'Declared failed', color: 'text-failed' },
  succeed: { word: 'Declared done', color: 'text-success' },
  expired: { word: 'Nobody decided in time', color: 'text-neutral' },
  closed: { word: 'Ended without a decision', color: 'text-neutral' },
};

/** One question: who asks, what, until when, what was said so far, and the decision of this person. */
export function ApprovalCard({ approval }: { approval: ApprovalResource }) {
  const { status, message, workflow_name: workflow, step_id: stepId, iteration, decisions } = approval;
  const { word, color } = STATUS_WORDS[status];
  const given = decisions.filter(({ decision }) => decision === 'approve').length;
  return (
    <article
      aria-label={`${workflow}, ${stepId}`}
      className="flex flex-col gap-3 rounded-card border border-line bg-card p-4"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={cx('font-medium', color)}>{word}</span>
        {approval.required > 1 && (
          <Badge>
            {given} of {approval.required} approvals
          </Badge>
        )}
        <span className="text-muted">
          {workflow} ·{' '}
          <Link
            to="/executions/$executionId"
            params={{ executionId: approval.execution_id }}
            search={{ step: stepId }}
            className="underline"
          >
            {stepId}
            {iteration !== null && ` #${iteration}`}
          </Link>
        </span>
        <span className="ml-auto text-12 text-muted">
          asked <Time at={approval.requested_at} /> for {approval.submitted_by}
        </span>
      </header>
      <p className="text-15 break-words whitespace-pre-wrap">{message}</p>
      <Conditions approval={approval} />
      {decisions.length > 0 && (
        <ul className="flex flex-col gap-1 border-l-2 border-line pl-3 text-12">
          {decisions.map(({ by, decision, comment, at }) => (
            <li key={`${by} ${at}`}>
              <span className="font-medium">{by}</span>: {decision} <Time at={at} />
              {comment !== null && <span className="block text-muted">“{comment}”</span>}
            </li>
          ))}
        </ul>
      )}
      {status === 'open' && <DecisionForm approval={approval} />}
    </article>
  );
}

function Conditions({ approval }: { approval: ApprovalResource }) {
  const { approvers, deadline, default_outcome: outcome, exclude_submitter: notSubmitter, status } = approval;
  if (status !== 'open') return null;
  const who = approvers.length === 0 ? 'whoever may run the workflow' : approvers.join(', ');
  return (
    <p className="text-12 text-muted">
      Decided by {who}
      {notSubmitter && ', but not by the submitter'}.{' '}
      {deadline !== null && (
        <>
          Until <Time at={deadline} style="exact" />, then{' '}
          {outcome === null ? 'the step fails' : `it counts as ${outcome}`}.
        </>
      )}
    </p>
  );
}
