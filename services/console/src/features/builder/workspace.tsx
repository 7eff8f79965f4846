import { useState } from 'react';
import { BuilderActions } from './bar/builder-actions';
import { BuilderCanvas } from './builder-canvas';
import { BuilderMenu } from './builder-menu';
import { BuilderToolbar } from './builder-toolbar';
import { Breadcrumb } from './breadcrumb';
import { PanelSide } from './panel/panel-side';
import { Picker } from './picker/picker';
import { useProblemsByStep } from './problems/by-step';
import { ProblemsDrawer } from './problems/problems-drawer';
import { useChecking } from './problems/use-checking';
import { RunBar } from './running/run-bar';
import { useShownRun } from './running/use-shown-run';
import type { BuilderSession } from './saving/session';
import { Side } from './side';
import { useBuilder } from './store';
import { useBuilderKeys } from './use-builder-keys';
import { useLinkedStep } from './use-linked-step';

interface WorkspaceProps {
  session: BuilderSession;
  /** The execution that the canvas shows. */
  runId: string | undefined;
  onShowRun: (executionId: string | undefined) => void;
}

/** The open workflow: what can be added at the left, the canvas, and what is configured at the right. */
export function Workspace({ session, runId, onShowRun }: WorkspaceProps) {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const problems = useProblemsByStep();
  const runStatus = useShownRun(runId);
  const [hasProblems, setHasProblems] = useState(false);
  useBuilderKeys();
  useLinkedStep();
  useChecking();
  return (
    <div data-builder className="flex h-full flex-col">
      <BuilderToolbar>
        <BuilderActions session={session} onShowProblems={() => setHasProblems(true)} onStarted={onShowRun} />
      </BuilderToolbar>
      {readOnlyReason !== undefined && (
        <p role="status" className="border-b border-line bg-waiting-soft px-4 py-1.5 text-12">
          You can look and copy, but not change anything. {readOnlyReason}
        </p>
      )}
      <div className="relative flex min-h-0 flex-1">
        <Side problems={problems} />
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1">
            <BuilderCanvas problems={problems} isRunShown={runId !== undefined} />
            <Breadcrumb />
            {runId !== undefined && (
              <div className="absolute bottom-4 left-1/2 z-10 -translate-x-1/2">
                <RunBar executionId={runId} status={runStatus} onClose={() => onShowRun(undefined)} />
              </div>
            )}
          </div>
          <ProblemsDrawer open={hasProblems} onOpenChange={setHasProblems} />
        </div>
        <PanelSide runId={runId} />
      </div>
      <Picker />
      <BuilderMenu />
    </div>
  );
}
