import { DECISION_OUTCOMES, type ApprovalResource, type Decision } from '@millrace/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { ErrorNote } from '@/components/error-note';
import { Time } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Textarea } from '@/components/ui/input';
import { Skeleton } from '@/components/ui/skeleton';
import type { StepView } from '../live/view';
import { approvalsQuery } from '../queries';

const WORDS: Readonly<Record<Decision, string>> = {
  approve: 'Approve',
  reject: 'Reject',
  retry: 'Try it again',
  fail: 'It failed',
  succeed: 'It succeeded',
};

/** What people are asked by a step, decided where it is seen. */
export function DecideApproval({ executionId, step }: { executionId: string; step: StepView }) {
  const approvals = useQuery({ ...approvalsQuery(executionId), refetchInterval: 5_000 });
  const asked = approvals.data?.find(
    ({ step_id: id, iteration, attempt }) =>
      id === step.stepId && iteration === step.iteration && attempt === step.attempts,
  );
  if (asked) return <Asked key={asked.approval_id} approval={asked} />;
  if (approvals.isError)
    return <ErrorNote error={approvals.error} onRetry={() => void approvals.refetch()} />;
  return <Skeleton className="h-16" />;
}

function Asked({ approval }: { approval: ApprovalResource }) {
  const [comment, setComment] = useState('');
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: Decision) =>
      api.approvals.decide(approval.approval_id, {
        decision,
        ...(comment.trim() !== '' && { comment: comment.trim() }),
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
  const { message, status, required, approvers, decisions, deadline } = approval;
  const rights = useRights();
  const reason = rights.whyNot('workflow:execute') ?? (approval.may_decide ? undefined : whyNot(approval));
  return (
    <div className="flex flex-col gap-2 rounded-control border border-waiting/50 bg-waiting-soft p-3">
      <p className="whitespace-pre-wrap break-words text-13">{message}</p>
      <p className="text-12 text-muted">
        {approvers.length === 0
          ? 'Whoever may execute the workflow decides'
          : `Asked: ${approvers.join(', ')}`}
        {required > 1 && ` · ${decisions.length} of ${required} approvals`}
        {deadline !== null && (
          <>
            {' · until '}
            <Time at={deadline} style="exact" />
          </>
        )}
      </p>
      {decisions.map(({ by, decision, comment: said }) => (
        <p key={by} className="text-12">
          {by}: {decision}
          {said !== null && <span className="text-muted"> “{said}”</span>}
        </p>
      ))}
      {status === 'open' && (
        <>
          <Field label="Comment">
            {(control) => (
              <Textarea
                {...control}
                value={comment}
                onChange={(event) => setComment(event.target.value)}
                rows={2}
                className="min-h-0"
              />
            )}
          </Field>
          <div className="flex flex-wrap gap-2">
            {decisionsOf(approval).map((decision, index) => (
              <Button
                key={decision}
                variant={index === 0 ? 'primary' : 'secondary'}
                busy={decide.isPending && decide.variables === decision}
                disabledReason={reason}
                onClick={() => decide.mutate(decision)}
              >
                {WORDS[decision]}
              </Button>
            ))}
          </div>
        </>
      )}
      {decide.isError && <ErrorNote error={decide.error} />}
    </div>
  );
}

function decisionsOf({ kind }: ApprovalResource): Decision[] {
  const outcomes: Partial<Record<Decision, string>> = DECISION_OUTCOMES[kind];
  return (['approve', 'reject', 'retry', 'fail', 'succeed'] as const).filter((one) => one in outcomes);
}

function whyNot({ approvers, exclude_submitter: excluded }: ApprovalResource): string {
  if (approvers.length > 0) return `Only ${approvers.join(', ')} may decide, once each.`;
  if (excluded) return 'Whoever submitted the execution may not decide it, nor twice the same person.';
  return 'You may not decide it, or you have decided already.';
}
