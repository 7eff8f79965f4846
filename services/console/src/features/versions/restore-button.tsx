import { useState } from 'react';
import { api, queryClient } from '@/api/client';
import { useRights } from '@/api/session';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';

/** Makes an earlier version what runs: as a new version, so that nothing is taken back. */
export function RestoreButton({
  workflowId,
  version,
  onRestored,
}: {
  workflowId: string;
  version: number;
  onRestored: (version: number) => void;
}) {
  const { whyNot } = useRights();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" disabledReason={whyNot('workflow:write')} onClick={() => setOpen(true)}>
        Restore {version}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Restore version ${version}?`}
        consequence="A new version with its content is published and runs from then on. An unpublished draft of the workflow is replaced. Executions that are running go on with the version they began with."
        action={`Restore version ${version}`}
        danger={false}
        onConfirm={async () => {
          const workflow = await api.workflows.restoreVersion(workflowId, version);
          await queryClient.invalidateQueries({ queryKey: ['workflows'] });
          toast({ title: `Version ${version} is back as version ${workflow.version}` });
          onRestored(workflow.version);
        }}
      />
    </>
  );
}
