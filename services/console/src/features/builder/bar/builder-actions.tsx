import { useNavigate } from '@tanstack/react-router';
import { Ellipsis, FileUp, History } from 'lucide-react';
import { useState } from 'react';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { ExportItems } from '@/features/transfer/export-items';
import { ImportDialog } from '@/features/transfer/import-dialog';
import { toJson } from '../document/document';
import { readDocument } from '../document/read';
import { PublishButton } from '../publishing/publish-button';
import { usePublish } from '../publishing/use-publish';
import { RunControls } from '../running/run-controls';
import { LeaveGuard } from '../saving/leave-guard';
import { SaveChip } from '../saving/save-chip';
import type { BuilderSession } from '../saving/session';
import { dispatch, undo, useBuilder } from '../store';
import { useActionKeys } from './use-action-keys';

interface BuilderActionsProps {
  session: BuilderSession;
  /** Shows the list of problems, because publishing found some. */
  onShowProblems: () => void;
  /** The canvas shows this execution now. */
  onStarted: (executionId: string) => void;
}

/** What is done with a workflow as a whole: whether it is saved, running it, publishing it, versions, files. */
export function BuilderActions({ session, onShowProblems, onStarted }: BuilderActionsProps) {
  const { workflow, saver } = session;
  const navigate = useNavigate();
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const publishing = usePublish(workflow.id, saver, onShowProblems);
  const [isImporting, setIsImporting] = useState(false);
  useActionKeys(() => void publishing.run());

  return (
    <div className="flex flex-wrap items-center gap-2">
      <SaveChip saver={saver} workflowId={workflow.id} />
      <RunControls session={session} onStarted={onStarted} />
      <PublishButton session={session} busy={publishing.busy} onPublish={() => void publishing.run()} />
      <Menu
        trigger={
          <Button variant="ghost" size="icon" hint="More">
            <Ellipsis aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem
          icon={<History aria-hidden />}
          onSelect={() =>
            void navigate({ to: '/workflows/$workflowId/versions', params: { workflowId: workflow.id } })
          }
        >
          Versions
        </MenuItem>
        <MenuSeparator />
        <ExportItems
          load={() => ({
            ...toJson(useBuilder.getState().document),
            name: useBuilder.getState().document.name,
          })}
        />
        <MenuItem
          icon={<FileUp aria-hidden />}
          disabledReason={readOnlyReason}
          onSelect={() => setIsImporting(true)}
        >
          Import …
        </MenuItem>
      </Menu>
      <ImportDialog
        open={isImporting}
        onOpenChange={setIsImporting}
        title="Import into this workflow"
        action="Replace the canvas"
        consequence="What is drawn now is replaced; undo brings it back."
        onImport={(definition) => {
          const read = readDocument(definition);
          if (!read.ok) throw new Error(read.reason);
          dispatch({ type: 'replace', document: read.document });
          toast({ title: `Imported “${definition.name}”`, action: { label: 'Undo', onSelect: undo } });
        }}
      />
      <LeaveGuard saver={saver} />
    </div>
  );
}
