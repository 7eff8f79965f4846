import { isJsonObject, type JsonObject } from '@millrace/contracts';
import { ChevronDown, Play } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useRights } from '@/api/session';
import { toastError } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem } from '@/components/ui/menu';
import { useStore } from 'zustand';
import { isPublished } from '../publishing/publish';
import { usePublished } from '../publishing/use-published';
import type { BuilderSession } from '../saving/session';
import { useBuilder } from '../store';
import { RunDialog } from './run-dialog';
import { askToRun, stopAsking, useAskedRun } from './run-request';
import { startRun, type RunRequest } from './start-run';

interface RunControlsProps {
  session: BuilderSession;
  /** The canvas shows this execution now. */
  onStarted: (executionId: string) => void;
}

/** Starts runs. Nothing is asked where there is nothing to be filled in. */
export function RunControls({ session, onStarted }: RunControlsProps) {
  const { whyNot } = useRights();
  const workflow = usePublished(session.workflow);
  const { revision } = useStore(session.saver.store);
  const schema = useBuilder(({ document }) => document.parameters_schema);
  const asked = useAskedRun((state) => state.asked);
  const hasPins = useBuilder(({ document }) =>
    document.nodes.some(({ data }) => data.pinned_output !== undefined),
  );
  const [busy, setBusy] = useState(false);
  const hasForm = asked !== undefined && (asked.withForm === true || hasFields(schema));
  // What is drawn and not published is tried as a test run; so is everything where an output is pinned.
  const isTest = !isPublished(workflow, revision) || hasPins;

  async function run(request: RunRequest): Promise<void> {
    await session.saver.flush();
    if (!session.saver.isSaved())
      throw new Error('What is drawn could not be saved yet, so it cannot be tried.');
    const { execution_id } = await startRun(workflow.id, request, isTest);
    onStarted(execution_id);
  }

  const refusal = whyNot('workflow:execute') ?? (isTest ? whyNot('workflow:write') : undefined);

  const runAtOnce = useEffectEvent(() => {
    stopAsking();
    if (busy) return;
    setBusy(true);
    run({ parameters: {}, untilStep: asked?.until?.id })
      .catch((error: unknown) => toastError('Could not run the workflow', error))
      .finally(() => setBusy(false));
  });
  useEffect(() => {
    // Behind the effect: it changes what is shown.
    if (asked !== undefined && !hasForm) queueMicrotask(() => runAtOnce());
  }, [asked, hasForm]);

  return (
    <div className="flex">
      <Button
        busy={busy}
        disabledReason={refusal}
        hint={isTest ? 'Runs what is drawn, without publishing it. Ctrl+Enter' : 'Ctrl+Enter'}
        onClick={() => askToRun()}
        className="rounded-r-none"
      >
        <Play aria-hidden className="size-3.5" />
        {isTest ? 'Test run' : 'Run'}
      </Button>
      <Menu
        trigger={
          <Button
            size="icon"
            aria-label="More ways to run"
            className="-ml-px rounded-l-none"
            hint="More ways to run"
          >
            <ChevronDown aria-hidden className="size-3.5" />
          </Button>
        }
      >
        <MenuItem disabledReason={refusal} onSelect={() => askToRun({ withForm: true })}>
          Run with parameters …
        </MenuItem>
      </Menu>
      {asked && hasForm && (
        <RunDialog
          open
          onOpenChange={(open) => {
            if (!open) stopAsking();
          }}
          workflowId={workflow.id}
          schema={schema}
          until={asked.until}
          onRun={run}
        />
      )}
    </div>
  );
}

function hasFields(schema: JsonObject | undefined): boolean {
  const properties = schema?.['properties'];
  return isJsonObject(properties) && Object.keys(properties).length > 0;
}
