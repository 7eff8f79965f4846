import type { ApprovalResource } from '@millrace/contracts';
import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DecisionForm } from '@/features/approvals/decision-form';
import { show } from '../support/render';

const decide = vi.hoisted(() => vi.fn());
vi.mock('@/api/client', () => ({ api: { approvals: { decide } } }));

const approval = (changes: Partial<ApprovalResource> = {}): ApprovalResource => ({
  ...{ approval_id: 'appr_1', kind: 'approval', status: 'open', workflow_id: 'w', workflow_name: 'Release' },
  ...{ execution_id: 'exec_1', step_id: 'ask', iteration: null, attempt: 1, message: 'Ship it?' },
  ...{ owner: 'ada', submitted_by: 'grace', approvers: [], required: 1, exclude_submitter: false },
  ...{ default_outcome: null, requested_at: '2026-11-30T12:00:00Z', deadline: null, decisions: [] },
  ...{ decided_at: null, may_decide: true },
  ...changes,
});

describe('deciding', () => {
  beforeEach(() => {
    decide.mockReset();
  });

  it('sends the decision with its comment', async () => {
    decide.mockResolvedValue(approval({ status: 'approved' }));
    const { user } = await show(<DecisionForm approval={approval()} />);
    await user.type(screen.getByLabelText('Comment'), ' Numbers checked ');
    await user.click(screen.getByRole('button', { name: 'Approve' }));

    expect(decide).toHaveBeenCalledWith('appr_1', { decision: 'approve', comment: 'Numbers checked' });
  });

  it('keeps the comment and says what failed', async () => {
    decide.mockRejectedValue(new Error('It has been decided'));
    const { user } = await show(<DecisionForm approval={approval()} />);
    await user.type(screen.getByLabelText('Comment'), 'No');
    await user.click(screen.getByRole('button', { name: 'Reject' }));

    expect((await screen.findByRole('alert')).textContent).toContain('It has been decided');
    expect(screen.getByLabelText<HTMLInputElement>('Comment').value).toBe('No');
  });

  it('offers what became of an attempt without a result', async () => {
    await show(<DecisionForm approval={approval({ kind: 'verdict' })} />);

    expect(screen.getAllByRole('button').map(({ textContent }) => textContent)).toEqual([
      'Try it again',
      'It was done',
      'It failed',
    ]);
  });

  it('says why somebody may not decide', async () => {
    const excluded = approval({ may_decide: false, exclude_submitter: true, submitted_by: 'ada' });
    const { user } = await show(<DecisionForm approval={excluded} />);
    await user.hover(screen.getByRole('button', { name: 'Approve' }));

    expect((await screen.findByRole('tooltip')).textContent).toContain('somebody else decides');
  });
});
