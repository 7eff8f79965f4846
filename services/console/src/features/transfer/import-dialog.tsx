import { lazy, Suspense } from 'react';
import type { ImportFormProps } from './import-form';
import { Dialog } from '@/components/ui/dialog';
import { SkeletonRows } from '@/components/ui/skeleton';

const ImportForm = lazy(async () => ({ default: (await import('./import-form')).ImportForm }));

interface ImportDialogProps extends Omit<ImportFormProps, 'onDone'> {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title?: string;
}

/** Takes a workflow from a file or from pasted text. Editor and engine are loaded when it opens. */
export function ImportDialog({
  open,
  onOpenChange,
  title = 'Import a workflow',
  ...form
}: ImportDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description="JSON or YAML, as Export writes it. Secrets are in it by name only."
      width="lg"
    >
      <Suspense fallback={<SkeletonRows rows={4} />}>
        <ImportForm {...form} onDone={() => onOpenChange(false)} />
      </Suspense>
    </Dialog>
  );
}
