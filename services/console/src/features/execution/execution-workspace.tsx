import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useDocumentTitle } from '@/components/page';
import { Sheet } from '@/components/ui/sheet';
import { Skeleton } from '@/components/ui/skeleton';
import { SplitPane } from '@/components/ui/split-pane';
import { useMedia } from '@/lib/use-media';
import { RerunDialog } from './actions/rerun-dialog';
import { StepActions } from './actions/step-actions';
import { ExecutionHeader } from './execution-header';
import { ExecutionOverview } from './inspector/execution-overview';
import { StepInspector, type InspectorTab } from './inspector/step-inspector';
import { useExecutionKeys } from './layout/use-execution-keys';
import { useRefreshedExecution } from './live/use-refreshed-execution';
import { ConnectionBanner } from './live/connection-banner';
import { useLive, useLiveExecution } from './live/use-live-execution';
import { stepKey } from './live/view';
import { NarrowExecution } from './narrow-execution';
import { stepsQuery, type LoadedVersion, type Opening } from './queries';
import { Timeline, type StepPlaceOnPage } from './timeline/timeline';

const CanvasPane = lazy(async () => ({ default: (await import('./canvas-pane')).CanvasPane }));
const route = getRouteApi('/signed-in/shell/executions/$executionId');

interface WorkspaceProps {
  opening: Opening;
  version: LoadedVersion;
}

/** The panes of the page: canvas over timeline, and the inspector beside them. On a phone one under the other. */
export function ExecutionWorkspace({ opening, version }: WorkspaceProps) {
  const live = useLiveExecution(opening, version.structure);
  const view = useLive(live, (state) => state.view);
  const execution = useRefreshedExecution(live, opening.execution);
  const { execution_id: id } = execution;
  const { step: stepId, iteration, tab = 'output' } = route.useSearch();
  const navigate = route.useNavigate();
  const isWide = useMedia('(min-width: 768px)');
  // Beside an inspector a tablet held upright has no room for a canvas.
  const isBeside = useMedia('(min-width: 1024px)');
  const [rerunFrom, setRerunFrom] = useState<string | true>();
  useDocumentTitle(`${version.name} · execution`);

  const step = stepId === undefined ? undefined : view.steps.get(stepKey(stepId, iteration));
  const select = (place: StepPlaceOnPage | undefined): void =>
    void navigate({
      search: ({ tab: shown }) => ({ ...place, ...(place && shown && { tab: shown }) }),
      replace: true,
    });
  const setTab = (next: InspectorTab): void =>
    void navigate({ search: (search) => ({ ...search, tab: next }), replace: true });
  useExecutionKeys({ id, view, selected: step, onSelect: select });
  const fromStep = typeof rerunFrom === 'string' ? view.steps.get(rerunFrom) : undefined;
  const summaries = useQuery({ ...stepsQuery(id), enabled: fromStep !== undefined });

  const inspector = step ? (
    <StepInspector
      key={step.key}
      live={live}
      executionId={id}
      version={version}
      step={step}
      tab={tab}
      onTab={setTab}
      onClose={() => select(undefined)}
      actions={
        <StepActions
          execution={execution}
          view={view}
          step={step}
          onRerunFrom={() => setRerunFrom(step.stepId)}
        />
      }
    />
  ) : (
    <ExecutionOverview execution={execution} />
  );
  const timeline = (
    <Timeline
      live={live}
      executionId={id}
      selected={step && { step: step.stepId, iteration: step.iteration ?? undefined }}
      onSelect={select}
    />
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <ExecutionHeader
        live={live}
        execution={execution}
        workflowName={version.name}
        onRerun={() => setRerunFrom(true)}
      />
      <ConnectionBanner live={live} />
      {isWide ? (
        <div className="min-h-0 flex-1">
          <SplitPane
            key={isBeside ? 'beside' : 'below'}
            label="Size of the inspector"
            name={isBeside ? 'execution-inspector' : 'execution-inspector-below'}
            direction={isBeside ? 'row' : 'column'}
            sized="second"
            {...{ initial: 420, min: 260, max: 900 }}
            first={
              <SplitPane
                label="Size of the timeline"
                name="execution-timeline"
                direction="column"
                sized="second"
                {...{ initial: 280, min: 120, max: 900 }}
                first={
                  <Suspense fallback={<Skeleton className="m-4 h-40 w-auto" />}>
                    <CanvasPane
                      live={live}
                      version={version}
                      selectedStep={step?.stepId}
                      onSelect={(next) => select({ step: next })}
                      onOpen={(next) => select({ step: next })}
                    />
                  </Suspense>
                }
                second={timeline}
              />
            }
            second={inspector}
          />
        </div>
      ) : (
        <>
          <NarrowExecution live={live} execution={execution} onSelect={select} />
          <Sheet open={step !== undefined} onOpenChange={() => select(undefined)} title={step?.name ?? ''}>
            {inspector}
          </Sheet>
        </>
      )}
      {rerunFrom !== undefined && (
        <RerunDialog
          open
          onOpenChange={() => setRerunFrom(undefined)}
          execution={execution}
          from={fromStep}
          input={
            fromStep?.input ?? summaries.data?.find(({ step_id: one }) => one === fromStep?.stepId)?.input
          }
        />
      )}
    </div>
  );
}
