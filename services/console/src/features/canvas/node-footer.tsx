import { formatCount, formatDuration } from '@/lib/format';
import { useNow } from '@/lib/use-now';
import { useFrozenAt, type RunStatus, type StepRun } from './run-status';

/** `1.4 s · 2/5 · 3.1k tok`: what is known of the step's run, with a clock that goes while it runs. */
export function NodeFooter({ run, step }: { run: RunStatus; step: StepRun | undefined }) {
  if (step === undefined || step.status === 'pending') return null;
  const { attempt, maxAttempts, iterations, tokens } = step;
  const parts = [
    attempt > 1 || (maxAttempts > 1 && attempt > 0) ? `${attempt}/${Math.max(maxAttempts, attempt)}` : '',
    iterations === null
      ? ''
      : `${formatCount(iterations.done)}${iterations.total === null ? '' : `/${formatCount(iterations.total)}`} it`,
    tokens === null || tokens === 0 ? '' : `${formatCount(tokens)} tok`,
  ].filter((part) => part !== '');
  return (
    <span className="truncate font-mono text-11">
      <StepTime run={run} step={step} />
      {parts.map((part) => ` · ${part}`).join('')}
    </span>
  );
}

function StepTime({ run, step }: { run: RunStatus; step: StepRun }) {
  const { status, durationMs, startedAtMs, dueAtMs } = step;
  if (durationMs !== null) return formatDuration(durationMs);
  if ((status === 'retrying' || status === 'sleeping') && dueAtMs !== null)
    return (
      <Clock run={run} read={(now) => `in ${formatDuration(Math.ceil((dueAtMs - now) / 1_000) * 1_000)}`} />
    );
  if (startedAtMs !== null && (status === 'running' || status === 'waiting'))
    return <Clock run={run} read={(now) => formatDuration(now - startedAtMs)} />;
  return '–';
}

/** Apart, so that a second changes a few letters. It stands still while the run's status is frozen. */
function Clock({ run, read }: { run: RunStatus; read: (nowMs: number) => string }) {
  const now = useNow();
  const frozenAt = useFrozenAt(run);
  return read(frozenAt ?? now);
}
