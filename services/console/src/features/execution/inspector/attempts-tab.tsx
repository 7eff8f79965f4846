import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { formatDuration } from '@/lib/format';
import { formatCountdown } from '../layout/words';
import type { AttemptView, StepView } from '../live/view';
import { ErrorDetail } from './error-detail';

interface AttemptsTabProps {
  step: StepView;
  nowMs: number;
}

/** Every try with its times, its error and what came after it, the latest first. */
export function AttemptsTab({ step, nowMs }: AttemptsTabProps) {
  if (step.reusedFrom !== null)
    return (
      <p className="p-4 text-13 text-muted">It did not run: its output is that of an earlier execution.</p>
    );
  if (step.history.length === 0) return <p className="p-4 text-13 text-muted">It has not been tried yet.</p>;
  return (
    <ol className="flex flex-col">
      {[...step.history].reverse().map((attempt, index) => (
        <li
          key={`${attempt.number}-${attempt.startedAtMs}`}
          className="flex flex-col gap-2 border-b border-line p-4"
        >
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-medium">Attempt {attempt.number}</span>
            <Status status={statusOf(attempt, index === 0 ? step : undefined)} />
            <span className="text-muted">
              {formatDuration((attempt.endedAtMs ?? nowMs) - attempt.startedAtMs)}
            </span>
            <span className="ml-auto text-12 text-muted">
              <Time at={new Date(attempt.startedAtMs).toISOString()} style="exact" />
            </span>
          </div>
          {attempt.error && <ErrorDetail error={attempt.error} isRetried={attempt.retryAtMs !== null} />}
          {attempt.retryAtMs !== null && (
            <RetryWords attempt={attempt} step={step} isLast={index === 0} nowMs={nowMs} />
          )}
        </li>
      ))}
    </ol>
  );
}

function RetryWords({
  attempt,
  step,
  isLast,
  nowMs,
}: AttemptsTabProps & { attempt: AttemptView; isLast: boolean }) {
  const waited = (attempt.retryAtMs ?? 0) - (attempt.endedAtMs ?? 0);
  if (isLast && step.status === 'retrying') {
    return (
      <p className="text-12 text-waiting" role="timer">
        Next retry in {formatCountdown((attempt.retryAtMs ?? nowMs) - nowMs)}
      </p>
    );
  }
  return <p className="text-12 text-muted">Retried after {formatDuration(waited)}</p>;
}

function statusOf({ outcome, activity }: AttemptView, step: StepView | undefined) {
  return outcome ?? (step?.status === 'waiting' ? 'waiting' : activity);
}
