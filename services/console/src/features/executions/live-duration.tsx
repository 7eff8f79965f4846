import { isTerminal, type ExecutionResource } from '@millrace/contracts';
import { formatDuration } from '@/lib/format';
import { useNow } from '@/lib/use-now';

/** How long an execution took, or has been going on; a dash before it began. */
export function LiveDuration({
  execution,
}: {
  execution: Pick<ExecutionResource, 'status' | 'started_at' | 'duration_seconds'>;
}) {
  const { status, started_at: startedAt, duration_seconds: seconds } = execution;
  if (seconds !== null) return formatDuration(seconds * 1_000);
  if (startedAt === null || isTerminal(status)) return <span className="text-muted">–</span>;
  return <Going since={Date.parse(startedAt)} />;
}

/** Whole seconds: a faster clock would only flicker. */
const Going = ({ since }: { since: number }) =>
  formatDuration(Math.max(1_000, Math.floor((useNow() - since) / 1_000) * 1_000));
