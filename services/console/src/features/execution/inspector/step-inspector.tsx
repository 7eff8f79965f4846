import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorNote } from '@/components/error-note';
import { PayloadView } from '@/components/json-view';
import { Status } from '@/components/status';
import { Button } from '@/components/ui/button';
import { Skeleton } from '@/components/ui/skeleton';
import { Tabs, type Tab } from '@/components/ui/tabs';
import { Chip } from '@/features/canvas/chip';
import { identityOfNode } from '@/features/canvas/identity';
import { formatDuration } from '@/lib/format';
import type { LiveExecution } from '../live/live-execution';
import { shownStatus, SKIP_WORDS } from '../live/shown-status';
import { useExecutionNow } from '../live/use-execution-now';
import { useLive } from '../live/use-live-execution';
import { isUnderWay, type StepView } from '../live/view';
import type { LoadedVersion } from '../queries';
import { nodeOf } from './node-of';
import { AgentTab } from './agent-tab';
import { AttemptsTab } from './attempts-tab';
import { ConfigurationTab } from './configuration-tab';
import { ErrorDetail } from './error-detail';
import { LogsTab } from './logs-tab';
import { useStepDetail } from './use-step-detail';
import { WaitNote } from './wait-note';

export const INSPECTOR_TABS = ['output', 'input', 'agent', 'logs', 'attempts', 'configuration'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

interface StepInspectorProps {
  live: LiveExecution;
  executionId: string;
  version: LoadedVersion;
  step: StepView;
  tab: InspectorTab;
  onTab: (tab: InspectorTab) => void;
  onClose: () => void;
  /** Buttons of what can be done with the step. */
  actions: ReactNode;
}

/** Everything about one step of the execution. */
export function StepInspector(props: StepInspectorProps) {
  const { live, executionId, version, step, tab, onTab, onClose, actions } = props;
  const view = useLive(live, (state) => state.view);
  const nowMs = useExecutionNow(live);
  const detail = useStepDetail(executionId, step, version.structure);
  const node = nodeOf(version, step.stepId);
  const output = step.output ?? detail.summary?.output;
  const outputRef = step.outputRef ?? detail.summary?.output_ref;
  const status = shownStatus(step, view);

  const payload = (content: ReactNode): ReactNode => (
    <div className="flex flex-col gap-3 p-4">
      {detail.error !== null && detail.summary === undefined ? (
        <ErrorNote error={detail.error} onRetry={detail.retry} />
      ) : detail.isLoading ? (
        <Skeleton className="h-24" />
      ) : (
        content
      )}
    </div>
  );
  const tabs: Tab<InspectorTab>[] = [
    {
      value: 'output',
      label: 'Output',
      content: payload(
        <>
          {step.error && step.status !== 'completed' && (
            <ErrorDetail error={step.error} isRetried={isUnderWay(step)} />
          )}
          <PayloadView
            payload={{ value: output, reference: outputRef }}
            label="Output"
            root={`steps.${step.stepId}.output`}
            empty={noOutput(step)}
          />
        </>,
      ),
    },
    {
      value: 'input',
      label: 'Input',
      content: payload(
        <PayloadView
          payload={{ value: step.input ?? detail.summary?.input }}
          label="Input"
          root="input"
          empty={
            step.startedAtMs === null
              ? 'It has not begun, and has received nothing.'
              : 'Its input was not kept: it holds something large that lies elsewhere.'
          }
        />,
      ),
    },
    ...(step.kind === 'agent'
      ? [
          {
            value: 'agent' as const,
            label: 'Agent',
            content: <AgentTab executionId={executionId} step={step} live={live} output={output} />,
          },
        ]
      : []),
    {
      value: 'logs',
      label: 'Logs',
      content: <LogsTab key={step.key} executionId={executionId} step={step} live={live} />,
    },
    {
      value: 'attempts',
      label: step.attempts > 1 ? `Attempts (${step.attempts})` : 'Attempts',
      content: <AttemptsTab step={step} nowMs={nowMs} />,
    },
    {
      value: 'configuration',
      label: 'Configuration',
      content: (
        <ConfigurationTab
          {...{ executionId, version, view, step, node }}
          input={step.input ?? detail.summary?.input}
        />
      ),
    },
  ];
  return (
    <section aria-label={`Step ${step.name}`} className="flex h-full min-h-0 flex-col bg-card">
      <header className="flex shrink-0 flex-col gap-2 border-b border-line px-4 py-3">
        <div className="flex items-center gap-2">
          {node && <Chip identity={identityOfNode(node)} size={28} />}
          <div className="min-w-0 flex-1">
            <h2 className="truncate text-15 font-semibold">{step.name}</h2>
            <p className="truncate text-12 text-muted">
              <code className="font-mono">{step.stepId}</code>
              {step.iteration !== null && ` · iteration ${step.iteration}`}
            </p>
          </div>
          <Button variant="ghost" size="icon-sm" hint="Close the step" onClick={onClose}>
            <X aria-hidden className="size-4" />
          </Button>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <span role="status" aria-label="Status of the step">
            <Status status={status} />
          </span>
          <span className="text-muted">{detailWords(step, nowMs)}</span>
          <span className="flex-1" />
          {actions}
        </div>
        {step.reusedFrom !== null && (
          <p className="text-12 text-muted">
            Taken over from{' '}
            <Link
              to="/executions/$executionId"
              params={{ executionId: step.reusedFrom }}
              search={{ step: step.stepId }}
              className="text-accent underline"
            >
              an earlier execution
            </Link>
          </p>
        )}
        {view.uncertainSteps.includes(step.stepId) && (
          <p className="rounded-control border border-waiting/50 bg-waiting-soft px-3 py-2 text-12">
            It had started when the execution was cancelled: whether its effect happened is unknown.
          </p>
        )}
        <WaitNote
          executionId={executionId}
          step={step}
          nowMs={nowMs}
          childIds={detail.summary?.children ?? []}
        />
      </header>
      <Tabs
        label="About the step"
        value={tabs.some(({ value }) => value === tab) ? tab : 'output'}
        onChange={onTab}
        tabs={tabs}
        className="flex-1"
      />
    </section>
  );
}

function detailWords(step: StepView, nowMs: number): string {
  if (step.status === 'skipped') return step.skipReason === null ? '' : (SKIP_WORDS[step.skipReason] ?? '');
  if (step.startedAtMs === null) return '';
  if (step.durationMs !== null) return formatDuration(step.durationMs);
  if (step.completedAtMs !== null) return formatDuration(step.completedAtMs - step.startedAtMs);
  return formatDuration(nowMs - (step.history.at(-1)?.startedAtMs ?? step.startedAtMs));
}

function noOutput(step: StepView): string {
  switch (step.status) {
    case 'pending':
      return 'It has not begun.';
    case 'failed':
      return 'It failed and has no output.';
    case 'completed':
      return 'Its output was not sent along: the answer would have been too large.';
    case 'skipped':
    case 'discarded':
      return 'It has no output.';
    default:
      return 'Its output is here when it is done.';
  }
}
