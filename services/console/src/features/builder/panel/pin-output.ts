import type { Node } from '@millrace/contracts';
import { toast } from '@/components/toast';
import { outputOf, shownRunData, type RunData } from '../expressions/run-data';
import { dispatch, undo } from '../store';

/** Pins what a step yielded in the last run, or takes the pin away. Says why where there is nothing to pin. */
export function pinOutput(node: Node, run: RunData | null | undefined): void {
  const { id, data } = node;
  if (data.pinned_output !== undefined) {
    dispatch({ type: 'update_step', id, change: { pinned_output: undefined } });
    return;
  }
  const output = outputOf(run, id);
  if (output === undefined) {
    toast({
      title: 'Nothing to pin',
      description: 'The step has no output of a run yet. Run the workflow first.',
    });
    return;
  }
  dispatch({ type: 'update_step', id, change: { pinned_output: output } });
  toast({ title: `Pinned the output of ${data.label ?? id}`, action: { label: 'Undo', onSelect: undo } });
}

/** As `pinOutput`, with the run whose data the panel shows. */
export const pinShownOutput = (node: Node, workflowId: string): void =>
  pinOutput(node, shownRunData(workflowId));
