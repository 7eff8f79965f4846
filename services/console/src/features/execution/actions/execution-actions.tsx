import { isTerminal, type ExecutionResource, type ExecutionStatus } from '@millrace/contracts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  Ban,
  GitCompareArrows,
  Link2,
  MoreHorizontal,
  Pause,
  Play,
  RotateCcw,
  SquarePen,
} from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { toast, toastError } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { copyText } from '@/lib/copy';
import { whyNotExecution, type ExecutionAction } from './applicable';
import { useSteering } from './use-steering';

interface ExecutionActionsProps {
  execution: ExecutionResource;
  /** As the log has it: ahead of `execution`. */
  status: ExecutionStatus;
  onRerun: () => void;
}

/** What can be done with the execution as a whole. What cannot be done now says why. */
export function ExecutionActions({ execution, status, onRerun }: ExecutionActionsProps) {
  const { execution_id: id, workflow_id: workflowId, retry_of: retryOf } = execution;
  const { whyNot } = useRights();
  const navigate = useNavigate();
  const steering = useSteering(id);
  const [asksCancel, setAsksCancel] = useState(false);
  const [cause, setCause] = useState('');
  const hasEnded = isTerminal(status);
  const reason = (action: ExecutionAction): string | undefined =>
    whyNotExecution(action, status) ?? whyNot('workflow:execute');
  const retry = useMutation({
    mutationFn: () => api.executions.retry(id, {}, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ execution_id: next, reused_steps: reused }) => {
      toast({ title: 'Running again', description: `${reused.length} finished steps keep their outputs` });
      return navigate({ to: '/executions/$executionId', params: { executionId: next } });
    },
    onError: (error) => toastError('Could not retry the execution', error),
  });
  const copyLink = (): void => {
    copyText(window.location.href).then(
      () => toast({ title: 'The link is on the clipboard' }),
      (error: unknown) => toastError('Could not copy the link', error),
    );
  };
  const isBusy = (verb: 'pause' | 'resume' | 'cancel'): boolean =>
    steering.isPending && steering.variables.verb === verb;

  return (
    <>
      {hasEnded ? (
        <>
          {status !== 'completed' && (
            <Button
              variant="primary"
              busy={retry.isPending}
              disabledReason={reason('retry')}
              hint="A new execution that goes on where this one ended"
              onClick={() => retry.mutate()}
            >
              <RotateCcw aria-hidden className="size-3.5" />
              Retry
            </Button>
          )}
          <Button disabledReason={reason('rerun')} onClick={onRerun}>
            <Play aria-hidden className="size-3.5" />
            Rerun …
          </Button>
        </>
      ) : (
        <>
          {status === 'paused' ? (
            <Button
              variant="primary"
              busy={isBusy('resume')}
              disabledReason={reason('resume')}
              onClick={() => steering.mutate({ verb: 'resume' })}
            >
              <Play aria-hidden className="size-3.5" />
              Resume
            </Button>
          ) : (
            <Button
              busy={isBusy('pause')}
              disabledReason={reason('pause')}
              hint="Steps that run come to their end, no other begins"
              onClick={() => steering.mutate({ verb: 'pause' })}
            >
              <Pause aria-hidden className="size-3.5" />
              Pause
            </Button>
          )}
          <Button
            variant="danger"
            busy={isBusy('cancel')}
            disabledReason={reason('cancel')}
            onClick={() => setAsksCancel(true)}
          >
            <Ban aria-hidden className="size-3.5" />
            Cancel
          </Button>
        </>
      )}
      <Menu
        trigger={
          <Button variant="ghost" size="icon" aria-label="More actions">
            <MoreHorizontal aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem icon={<Link2 aria-hidden />} onSelect={copyLink}>
          Copy link
        </MenuItem>
        <MenuItem
          icon={<SquarePen aria-hidden />}
          onSelect={() =>
            void navigate({ to: '/workflows/$workflowId', params: { workflowId }, search: { run: id } })
          }
        >
          Open in the builder
        </MenuItem>
        <MenuItem
          icon={<GitCompareArrows aria-hidden />}
          disabledReason={
            retryOf === null ? 'It repeats no other; choose two in the list of executions' : undefined
          }
          onSelect={() => void navigate({ to: '/executions/compare', search: { a: retryOf ?? '', b: id } })}
        >
          Compare with the one before
        </MenuItem>
        {!hasEnded && (
          <>
            <MenuSeparator />
            <MenuItem
              icon={<RotateCcw aria-hidden />}
              disabledReason={reason('retry')}
              onSelect={() => retry.mutate()}
            >
              Retry
            </MenuItem>
            <MenuItem icon={<Play aria-hidden />} disabledReason={reason('rerun')} onSelect={onRerun}>
              Rerun …
            </MenuItem>
          </>
        )}
      </Menu>
      <Confirm
        open={asksCancel}
        onOpenChange={setAsksCancel}
        title="Cancel this execution?"
        consequence={
          <div className="flex flex-col gap-3">
            <p>
              It ends, and so do the executions it waits for. What its steps have done outside stays done; a
              step that is under way may or may not have had its effect.
            </p>
            <Field label="Reason">
              {(control) => (
                <Input
                  {...control}
                  value={cause}
                  onChange={(event) => setCause(event.target.value)}
                  maxLength={1_000}
                />
              )}
            </Field>
          </div>
        }
        action="Cancel the execution"
        onConfirm={async () => {
          setAsksCancel(false);
          const given = cause.trim();
          await steering
            .mutateAsync({ verb: 'cancel', ...(given !== '' && { reason: given }) })
            .catch(() => undefined);
        }}
      />
    </>
  );
}
