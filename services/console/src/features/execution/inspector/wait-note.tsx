import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { Time } from '@/components/time';
import { formatCountdown } from '../layout/words';
import type { StepView } from '../live/view';
import { DecideApproval } from './decide-approval';

interface WaitNoteProps {
  executionId: string;
  step: StepView;
  nowMs: number;
  /** Executions the step has started. */
  childIds: readonly string[];
}

/** What a step waits for, and until when. */
export function WaitNote({ executionId, step, nowMs, childIds }: WaitNoteProps) {
  const { status, wait, retryAtMs, dueAtMs } = step;
  if (status === 'retrying' && retryAtMs !== null) {
    return (
      <Note>
        <span role="timer">Next retry in {formatCountdown(retryAtMs - nowMs)}</span>
      </Note>
    );
  }
  if (status === 'sleeping' && dueAtMs !== null) {
    return (
      <Note>
        <span role="timer">Goes on in {formatCountdown(dueAtMs - nowMs)}</span>
      </Note>
    );
  }
  if (status !== 'waiting' || wait === null) return null;
  const until = dueAtMs !== null && (
    <>
      {' until '}
      <Time at={new Date(dueAtMs).toISOString()} style="exact" />
    </>
  );
  switch (wait.type) {
    case 'approval':
    case 'verdict':
      return <DecideApproval executionId={executionId} step={step} />;
    case 'event':
      return (
        <Note>
          Waits for the event <code className="font-mono">{wait.name}</code>
          {wait.key !== '' && (
            <>
              {' with the key '}
              <code className="font-mono">{wait.key}</code>
            </>
          )}
          {until}
        </Note>
      );
    case 'child':
      return (
        <Note>
          Waits for {childIds.length > 1 ? `${childIds.length} executions` : 'an execution'} of{' '}
          {childIds.length === 1 && childIds[0] !== undefined ? (
            <Link
              to="/executions/$executionId"
              params={{ executionId: childIds[0] }}
              className="text-accent underline"
            >
              {wait.workflow_id}
            </Link>
          ) : (
            wait.workflow_id
          )}
          {until}
        </Note>
      );
  }
}

const Note = ({ children }: { children: ReactNode }) => (
  <p className="rounded-control border border-waiting/50 bg-waiting-soft px-3 py-2 text-13">{children}</p>
);
