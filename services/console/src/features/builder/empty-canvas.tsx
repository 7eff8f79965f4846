import { Plus } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { ACTIONS } from './actions/list';
import { useBuilder } from './store';

/** Teaches where a workflow begins. */
export function EmptyCanvas() {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-4">
      <div className="pointer-events-auto flex max-w-96 flex-col items-center gap-2 rounded-card border border-dashed border-line-strong bg-card px-8 py-6 text-center">
        <p className="text-15 font-semibold">No steps yet</p>
        <p className="text-13 text-muted">
          A workflow begins with the steps that nothing leads to. Choose one, drag one from the left, or paste
          a definition.
        </p>
        <Button
          variant="primary"
          className="mt-2"
          disabledReason={readOnlyReason}
          onClick={() => ACTIONS.add.run()}
        >
          <Plus aria-hidden className="size-4" />
          Add first step
        </Button>
      </div>
    </div>
  );
}
