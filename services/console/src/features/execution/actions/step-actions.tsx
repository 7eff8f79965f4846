import type { ExecutionResource, JsonValue } from '@millrace/contracts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MoreHorizontal, Play, SkipForward, SquarePen } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Menu, MenuItem } from '@/components/ui/menu';
import type { ExecutionView, StepView } from '../live/view';
import { whyNotFrom, whyNotSkip } from './applicable';

interface StepActionsProps {
  execution: ExecutionResource;
  view: ExecutionView;
  step: StepView;
  onRerunFrom: () => void;
}

/** What can be done with one step of the execution. */
export function StepActions({ execution, view, step, onRerunFrom }: StepActionsProps) {
  const { whyNot } = useRights();
  const navigate = useNavigate();
  const [asksSkip, setAsksSkip] = useState(false);
  const [output, setOutput] = useState<JsonValue>();
  const { execution_id: id, workflow_id: workflowId } = execution;
  const rights = whyNot('workflow:execute');
  const skip = useMutation({
    mutationFn: () =>
      api.executions.skipStep(id, step.stepId, {
        ...(step.iteration !== null && { iteration: step.iteration }),
        ...(output !== undefined && { output }),
      }),
    onSuccess: () =>
      toast({ title: `“${step.name}” is given up`, description: 'What follows goes on without it' }),
  });
  return (
    <>
      <Menu
        trigger={
          <Button size="sm" aria-label="Actions of the step">
            <MoreHorizontal aria-hidden className="size-3.5" />
          </Button>
        }
      >
        <MenuItem
          icon={<Play aria-hidden />}
          disabledReason={whyNotFrom(step, view.status, view.structure) ?? rights}
          onSelect={onRerunFrom}
        >
          Rerun from here …
        </MenuItem>
        <MenuItem
          icon={<SkipForward aria-hidden />}
          disabledReason={whyNotSkip(step, view.status) ?? rights}
          onSelect={() => setAsksSkip(true)}
        >
          Skip …
        </MenuItem>
        <MenuItem
          icon={<SquarePen aria-hidden />}
          onSelect={() =>
            void navigate({
              to: '/workflows/$workflowId',
              params: { workflowId },
              search: { node: step.stepId, run: id },
            })
          }
        >
          Open in the builder
        </MenuItem>
      </Menu>
      <Confirm
        open={asksSkip}
        onOpenChange={setAsksSkip}
        title={`Skip “${step.name}”?`}
        consequence={
          <div className="flex flex-col gap-3">
            <p>
              It is given up, and what follows goes on with this output, or null. The log says who did it.
            </p>
            <JsonEditor
              label="Output instead of the step’s"
              value={output}
              onChange={setOutput}
              minRows={2}
            />
          </div>
        }
        action="Skip the step"
        onConfirm={async () => {
          await skip.mutateAsync();
        }}
      />
    </>
  );
}
