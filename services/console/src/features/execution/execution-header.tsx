import { isTerminal, type ExecutionResource } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { formatCount, formatDuration } from '@/lib/format';
import { ExecutionActions } from './actions/execution-actions';
import { formatCountdown } from './layout/words';
import type { LiveExecution } from './live/live-execution';
import { useExecutionNow } from './live/use-execution-now';
import { useLive } from './live/use-live-execution';
import { isSettled, type ExecutionView } from './live/view';

interface HeaderProps {
  live: LiveExecution;
  execution: ExecutionResource;
  workflowName: string;
  onRerun: () => void;
}

/** What it is, how it stands, and what can be done with it. */
export function ExecutionHeader({ live, execution, workflowName, onRerun }: HeaderProps) {
  const view = useLive(live, (state) => state.view);
  const nowMs = useExecutionNow(live);
  const { workflow_id: workflowId, execution_id: id } = execution;
  const startedAtMs = view.phases.find(({ status }) => status === 'running')?.fromMs;
  const top = [...view.steps.values()].filter(({ iteration }) => iteration === null);
  const tokens = [...view.steps.values()].reduce(
    (sum, { usage }) => sum + (usage ? usage.input_tokens + usage.output_tokens : 0),
    0,
  );
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-card px-4 py-2">
      <div className="min-w-0">
        <nav aria-label="Where this is" className="flex items-center gap-1 text-12 text-muted">
          <Link to="/executions" className="hover:text-ink">
            Executions
          </Link>
          <ChevronRight aria-hidden className="size-3" />
          <code className="truncate font-mono text-11">{id}</code>
        </nav>
        <h1 className="flex items-center gap-2 text-15">
          <Link
            to="/workflows/$workflowId"
            params={{ workflowId }}
            className="truncate font-semibold hover:underline"
          >
            {workflowName}
          </Link>
          <Badge>version {execution.workflow_version}</Badge>
        </h1>
      </div>
      <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-13">
        {/* Alone: what counts down beside it would be read out every second. */}
        <span role="status" aria-label="Status of the execution">
          <Status status={view.status} />
        </span>
        <span className="text-muted">{statusDetail(view, nowMs)}</span>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-muted max-md:hidden">
        {startedAtMs !== undefined && <span>{formatDuration(nowMs - startedAtMs)}</span>}
        <span>
          {top.filter(isSettled).length}/{top.length} steps
        </span>
        {tokens > 0 && <span>{formatCount(tokens)} tokens</span>}
        <Time at={execution.created_at} />
      </div>
      <div className="ml-auto flex flex-wrap items-center gap-2">
        <ExecutionActions execution={execution} status={view.status} onRerun={onRerun} />
      </div>
    </header>
  );
}

function statusDetail(
  { status, isFailing, wakeAtMs, pausedBy, cancelledBy }: ExecutionView,
  nowMs: number,
): string {
  if (isFailing && !isTerminal(status)) return 'fails; what runs on failure is under way';
  if (status === 'waiting' && wakeAtMs !== null)
    return `goes on in ${formatCountdown(wakeAtMs - nowMs)} at the latest`;
  if (status === 'paused' && pausedBy !== null) return `by ${pausedBy}`;
  if (status === 'cancelled' && cancelledBy !== null) return `by ${cancelledBy}`;
  return '';
}
