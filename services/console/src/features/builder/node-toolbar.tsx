import { Copy, FastForward, Power, Trash2 } from 'lucide-react';
import { useRights } from '@/api/session';
import { Button } from '@/components/ui/button';
import { ACTIONS, type Action } from './actions/list';
import { selectSteps, useBuilder } from './store';

/** Above a card while the pointer is on it. */
export function NodeToolbar({ id }: { id: string }) {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const runReason = useRights().whyNot('workflow:execute');
  const act = (action: Action) => () => {
    // For the card under the pointer, and for all that are selected where it is one of them.
    if (!useBuilder.getState().selection.nodes.has(id)) selectSteps([id]);
    action.run();
  };
  return (
    <div className="flex rounded-control border border-line bg-card">
      <Button
        variant="ghost"
        size="icon-sm"
        hint="Run to here"
        disabledReason={runReason}
        onClick={() => {
          selectSteps([id]);
          ACTIONS.runTo.run();
        }}
      >
        <FastForward aria-hidden className="size-3.5" />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        hint="Switch off or on (D)"
        disabledReason={readOnlyReason}
        onClick={act(ACTIONS.disable)}
      >
        <Power aria-hidden className="size-3.5" />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        hint="Duplicate (Ctrl+D)"
        disabledReason={readOnlyReason}
        onClick={act(ACTIONS.duplicate)}
      >
        <Copy aria-hidden className="size-3.5" />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        hint="Delete (Del)"
        disabledReason={readOnlyReason}
        onClick={act(ACTIONS.remove)}
      >
        <Trash2 aria-hidden className="size-3.5" />
      </Button>
    </div>
  );
}
