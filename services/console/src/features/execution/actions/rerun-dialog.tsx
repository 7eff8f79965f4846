import {
  isJsonObject,
  type ExecutionResource,
  type JsonValue,
  type VersionChoice,
} from '@millrace/contracts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Segmented, Switch } from '@/components/ui/choice';
import { Dialog } from '@/components/ui/dialog';
import type { StepView } from '../live/view';

interface RerunDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  execution: ExecutionResource;
  /** This step and what is behind it run again; without it everything does. */
  from?: StepView | undefined;
  /** What the step was given, where that is known. */
  input?: JsonValue | undefined;
}

/** Makes a new execution out of one that has ended, with what the person changes. */
export function RerunDialog({ open, onOpenChange, execution, from, input }: RerunDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      width="md"
      title={from === undefined ? 'Rerun the execution' : `Rerun from “${from.name}”`}
      description={
        from === undefined
          ? 'A new execution in which every step runs again. This one stays as it is.'
          : 'A new execution in which this step and what is behind it run again; the others keep their outputs.'
      }
    >
      <RerunForm execution={execution} from={from} input={input} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

type RerunFormProps = Pick<RerunDialogProps, 'execution' | 'from' | 'input'> & { onDone: () => void };

function RerunForm({ execution, from, input, onDone }: RerunFormProps) {
  const navigate = useNavigate();
  const [version, setVersion] = useState<VersionChoice>('same');
  const [parameters, setParameters] = useState<JsonValue | undefined>(execution.parameters);
  const [editsInput, setEditsInput] = useState(false);
  const [edited, setEdited] = useState<JsonValue | undefined>(input ?? {});
  const isChanged = JSON.stringify(parameters) !== JSON.stringify(execution.parameters);
  const rerun = useMutation({
    mutationFn: () =>
      api.executions.rerun(
        execution.execution_id,
        {
          version,
          ...(from && { from_step: from.stepId }),
          ...(isChanged && isJsonObject(parameters) && { parameters }),
          ...(from && editsInput && { inputs: { [from.stepId]: edited ?? null } }),
        },
        { idempotencyKey: crypto.randomUUID() },
      ),
    onSuccess: ({ execution_id: next, reused_steps: reused }) => {
      onDone();
      toast({
        title: 'Running again',
        ...(reused.length > 0 && { description: `${reused.length} steps keep their outputs` }),
      });
      return navigate({ to: '/executions/$executionId', params: { executionId: next } });
    },
  });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <span className="text-12 font-medium">Version</span>
        <Segmented<VersionChoice>
          label="Version"
          value={version}
          onChange={setVersion}
          options={[
            { value: 'same', label: `The one it ran (${execution.workflow_version})` },
            { value: 'latest', label: 'The newest' },
          ]}
          className="self-start"
        />
      </div>
      <div className="flex flex-col gap-1">
        <span className="text-12 font-medium">Parameters</span>
        <JsonEditor label="Parameters" value={parameters} onChange={setParameters} minRows={3} maxRows={12} />
      </div>
      {from && (
        <div className="flex flex-col gap-2">
          <span className="flex items-center gap-2 text-12 font-medium">
            <Switch label="Edit its input" checked={editsInput} onChange={setEditsInput} />
            Edit the input of {from.name}
          </span>
          {editsInput && (
            <JsonEditor label="Input" value={edited} onChange={setEdited} minRows={3} maxRows={12} />
          )}
        </div>
      )}
      {rerun.isError && <ErrorNote error={rerun.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Back</Button>
        <Button
          variant="primary"
          busy={rerun.isPending}
          disabledReason={isJsonObject(parameters) ? undefined : 'Parameters must be a JSON object'}
          onClick={() => rerun.mutate()}
        >
          Run again
        </Button>
      </div>
    </div>
  );
}
