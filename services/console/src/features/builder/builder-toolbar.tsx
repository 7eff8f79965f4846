import { LayoutGrid, Maximize, PanelLeft, PanelRight, Redo2, StickyNote, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { ACTIONS } from './actions/list';
import { canRedo, canUndo } from './selectors';
import { useBuilder } from './store';
import { showSide, useBuilderView } from './view';

const NOTHING_TO_UNDO = 'There is nothing to undo.';
const NOTHING_TO_REDO = 'There is nothing to redo.';

/** The strip above the canvas: the workflow's name, what can be done to the drawing, and `children` at its end. */
export function BuilderToolbar({ children }: { children: ReactNode }) {
  const name = useBuilder(({ document }) => document.name);
  const side = useBuilderView((view) => view.side);
  const hasPanel = useBuilderView((view) => view.hasPanel);
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const undoable = useBuilder(canUndo);
  const redoable = useBuilder(canRedo);
  return (
    <div
      role="toolbar"
      aria-label="Workflow"
      className="flex min-h-12 shrink-0 flex-wrap items-center gap-1 border-b border-line bg-card px-2 py-1.5"
    >
      {side === undefined && (
        <Button variant="ghost" size="icon" hint="Show the steps" onClick={() => showSide('palette')}>
          <PanelLeft aria-hidden className="size-4" />
        </Button>
      )}
      <h1 className="min-w-0 max-w-72 truncate px-2 text-15">{name === '' ? 'Unnamed workflow' : name}</h1>
      <span aria-hidden className="mx-1 h-5 w-px bg-line" />
      <Button
        variant="ghost"
        size="icon"
        hint="Undo (Ctrl+Z)"
        disabledReason={readOnlyReason ?? (undoable ? undefined : NOTHING_TO_UNDO)}
        onClick={ACTIONS.undo.run}
      >
        <Undo2 aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        hint="Redo (Ctrl+Shift+Z)"
        disabledReason={readOnlyReason ?? (redoable ? undefined : NOTHING_TO_REDO)}
        onClick={ACTIONS.redo.run}
      >
        <Redo2 aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        hint="Tidy up (Shift+Alt+T)"
        disabledReason={readOnlyReason}
        onClick={ACTIONS.tidy.run}
      >
        <LayoutGrid aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        hint="Add a note (Shift+S)"
        disabledReason={readOnlyReason}
        onClick={ACTIONS.note.run}
      >
        <StickyNote aria-hidden className="size-4" />
      </Button>
      <Button variant="ghost" size="icon" hint="Show all (1)" onClick={ACTIONS.fit.run}>
        <Maximize aria-hidden className="size-4" />
      </Button>
      <span className="flex-1" />
      {children}
      <Button
        variant="ghost"
        size="icon"
        hint={hasPanel ? 'Hide the configuration' : 'Show the configuration'}
        className="lg:hidden"
        onClick={() => useBuilderView.setState({ hasPanel: !hasPanel })}
      >
        <PanelRight aria-hidden className="size-4" />
      </Button>
    </div>
  );
}
