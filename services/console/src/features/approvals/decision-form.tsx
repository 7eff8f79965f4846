import type { ApprovalResource, Decision } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useRenewApprovals } from './queries';

const CHOICES = {
  approval: [
    { decision: 'approve', word: 'Approve', variant: 'primary' },
    { decision: 'reject', word: 'Reject', variant: 'danger' },
  ],
  verdict: [
    { decision: 'retry', word: 'Try it again', variant: 'primary' },
    { decision: 'succeed', word: 'It was done', variant: 'secondary' },
    { decision: 'fail', word: 'It failed', variant: 'danger' },
  ],
} as const satisfies Record<string, readonly { decision: Decision; word: string; variant: string }[]>;

/** A comment and the decision; says why not where this person may not decide. */
export function DecisionForm({ approval }: { approval: ApprovalResource }) {
  const { whyNot, username } = useRights();
  const renew = useRenewApprovals();
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState<Decision>();
  const [error, setError] = useState<unknown>();

  async function decide(decision: Decision): Promise<void> {
    setBusy(decision);
    setError(undefined);
    try {
      await api.approvals.decide(approval.approval_id, {
        decision,
        ...(comment.trim() !== '' && { comment: comment.trim() }),
      });
      toast({ title: 'Your decision is taken', description: `${approval.workflow_name}: ${decision}` });
      setComment('');
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(undefined);
    }
    await renew();
  }

  const refusal =
    whyNot('workflow:execute') ?? (approval.may_decide ? undefined : reasonOf(approval, username));
  return (
    <div className="flex flex-col gap-3">
      <Field label="Comment">
        {(control) => (
          <Input
            {...control}
            value={comment}
            maxLength={2_000}
            placeholder="Why (optional)"
            onChange={(event) => setComment(event.target.value)}
          />
        )}
      </Field>
      {error !== undefined && <ErrorNote error={error} />}
      <div className="flex flex-wrap gap-2">
        {CHOICES[approval.kind].map(({ decision, word, variant }) => (
          <Button
            key={decision}
            variant={variant}
            busy={busy === decision}
            disabledReason={refusal}
            onClick={() => void decide(decision)}
          >
            {word}
          </Button>
        ))}
      </div>
    </div>
  );
}

function reasonOf(approval: ApprovalResource, username: string): string {
  if (approval.decisions.some(({ by }) => by === username))
    return 'You have decided; others are still to do so.';
  if (approval.exclude_submitter && approval.submitted_by === username)
    return 'You submitted this execution, so somebody else decides.';
  if (approval.approvers.length > 0) return `Only ${approval.approvers.join(', ')} may decide this.`;
  return 'You may not decide this.';
}
