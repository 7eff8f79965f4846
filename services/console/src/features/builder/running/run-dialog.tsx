import type { JsonObject } from '@millrace/contracts';
import { Dialog } from '@/components/ui/dialog';
import { RunForm } from './run-form';
import type { RunRequest } from './start-run';

interface RunDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  workflowId: string;
  schema: JsonObject | undefined;
  /** The step to stop behind, with its name. */
  until?: { readonly id: string; readonly title: string } | undefined;
  /** Throws where it is refused; what was entered stays. */
  onRun: (request: RunRequest) => Promise<void>;
}

/** Asks what a run is to begin with. */
export function RunDialog({ open, onOpenChange, until, ...form }: RunDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={until ? `Run to ${until.title}` : 'Run the workflow'}
      width="md"
    >
      <RunForm {...form} untilStep={until?.id} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}
