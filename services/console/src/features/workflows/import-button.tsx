import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { Button } from '@/components/ui/button';
import { ImportDialog } from '@/features/transfer/import-dialog';

/** Makes a workflow of a file or of pasted text, and opens it. */
export function ImportButton() {
  const { whyNot } = useRights();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button disabledReason={whyNot('workflow:write')} onClick={() => setOpen(true)}>
        <Upload aria-hidden className="size-3.5" />
        Import
      </Button>
      <ImportDialog
        open={open}
        onOpenChange={setOpen}
        action="Create workflow"
        onImport={async (definition) => {
          const { id } = await api.workflows.create(definition);
          await queries.invalidateQueries({ queryKey: ['workflows'] });
          await navigate({ to: '/workflows/$workflowId', params: { workflowId: id }, search: {} });
        }}
      />
    </>
  );
}
