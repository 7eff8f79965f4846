import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useRights } from '@/api/session';
import { Button } from '@/components/ui/button';
import { useWorkflowActions } from './actions';

/** Makes an empty workflow and opens it in the builder. */
export function NewWorkflowButton() {
  const { whyNot } = useRights();
  const { create } = useWorkflowActions();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      variant="primary"
      busy={busy}
      disabledReason={whyNot('workflow:write')}
      onClick={() => {
        setBusy(true);
        void create('Untitled workflow').finally(() => setBusy(false));
      }}
    >
      <Plus aria-hidden className="size-4" />
      New workflow
    </Button>
  );
}
