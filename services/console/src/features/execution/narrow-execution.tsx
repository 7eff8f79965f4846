import type { ExecutionResource } from '@millrace/contracts';
import { Status } from '@/components/status';
import { formatDuration } from '@/lib/format';
import { ExecutionOverview } from './inspector/execution-overview';
import { DecideApproval } from './inspector/decide-approval';
import { formatCountdown } from './layout/words';
import type { LiveExecution } from './live/live-execution';
import { shownStatus } from './live/shown-status';
import { useExecutionNow } from './live/use-execution-now';
import { useLive } from './live/use-live-execution';
import type { StepView } from './live/view';
import type { StepPlaceOnPage } from './timeline/timeline';

interface NarrowProps {
  live: LiveExecution;
  execution: ExecutionResource;
  onSelect: (place: StepPlaceOnPage) => void;
}

/** The page of a phone: what waits for a decision, the steps, and the execution as a whole, one under the other. */
export function NarrowExecution({ live, execution, onSelect }: NarrowProps) {
  const view = useLive(live, (state) => state.view);
  const nowMs = useExecutionNow(live);
  const steps = [...view.steps.values()].filter(({ iteration }) => iteration === null);
  const asked = [...view.steps.values()].filter(
    ({ status, wait }) => status === 'waiting' && (wait?.type === 'approval' || wait?.type === 'verdict'),
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
      {asked.map((step) => (
        <DecideApproval key={step.key} executionId={execution.execution_id} step={step} />
      ))}
      <ol aria-label="Steps" className="flex flex-col rounded-card border border-line bg-card">
        {steps.map((step) => (
          <li key={step.key} className="border-b border-line last:border-b-0">
            <button
              type="button"
              onClick={() => onSelect({ step: step.stepId })}
              className="flex min-h-11 w-full items-center gap-3 px-3 py-1.5 text-left hover:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate">{step.name}</span>
              <span className="text-12 text-muted">{timeWords(step, nowMs)}</span>
              <Status status={shownStatus(step, view)} />
            </button>
          </li>
        ))}
      </ol>
      <div className="overflow-hidden rounded-card border border-line">
        <ExecutionOverview execution={execution} />
      </div>
    </div>
  );
}

function timeWords(step: StepView, nowMs: number): string {
  if (step.status === 'retrying' && step.retryAtMs !== null)
    return `next retry in ${formatCountdown(step.retryAtMs - nowMs)}`;
  if (step.durationMs !== null) return formatDuration(step.durationMs);
  return step.startedAtMs === null || step.completedAtMs !== null
    ? ''
    : formatDuration(nowMs - step.startedAtMs);
}
