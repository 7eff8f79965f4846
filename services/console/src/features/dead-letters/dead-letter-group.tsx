import type { DeadLetter } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { StatusIcon } from '@/components/status';
import { Time } from '@/components/time';
import { toast } from '@/components/toast';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { shortId } from '@/features/executions/columns';
import { useWorkflow } from '@/features/workflows/queries';
import { formatCount, plural } from '@/lib/format';
import { useForgetDeadLetters } from './queries';

/** Failures of one cause. */
export function DeadLetterGroup({ group, onRedrive }: { group: DeadLetter; onRedrive: () => void }) {
  const { fingerprint, workflow_id: workflowId, code, step_id: stepId, message, count, executions } = group;
  const { whyNot } = useRights();
  const forget = useForgetDeadLetters();
  const workflow = useWorkflow(workflowId);
  const name = workflow.data?.name ?? workflowId;
  const [asking, setAsking] = useState(false);

  async function discard(): Promise<void> {
    const discarded = await api.deadLetters.discard(fingerprint);
    toast({ title: `${plural(discarded, 'failure')} discarded` });
    await forget();
  }

  return (
    <li className="flex flex-col gap-2 rounded-card border border-line bg-card p-3">
      <div className="flex flex-wrap items-center gap-2">
        <StatusIcon status="failed" />
        <span className="font-medium">{code}</span>
        <Badge>{formatCount(count)}×</Badge>
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId }}
          search={stepId === null ? {} : { node: stepId }}
          className="text-muted hover:underline"
        >
          {name}
          {stepId !== null && ` · ${stepId}`}
        </Link>
        <span className="ml-auto text-12 text-muted">
          last <Time at={group.last_seen} />, first <Time at={group.first_seen} />
        </span>
      </div>
      <p className="line-clamp-3 break-words font-mono text-12">{message}</p>
      <div className="flex flex-wrap items-center gap-2">
        <span className="flex flex-wrap gap-x-3 text-12 text-muted">
          {executions.map((id) => (
            <Link
              key={id}
              to="/executions/$executionId"
              params={{ executionId: id }}
              search={stepId === null ? {} : { step: stepId }}
              className="font-mono hover:underline"
            >
              {shortId(id)}
            </Link>
          ))}
          <Link to="/executions" search={{ error_fingerprint: fingerprint }} className="underline">
            all of them
          </Link>
        </span>
        <span className="flex-1" />
        <Button size="sm" disabledReason={whyNot('workflow:execute')} onClick={onRedrive}>
          <RotateCw aria-hidden className="size-3.5" />
          Retry all
        </Button>
        <Button
          size="sm"
          variant="danger"
          disabledReason={whyNot('workflow:execute')}
          onClick={() => setAsking(true)}
        >
          <Trash2 aria-hidden className="size-3.5" />
          Discard
        </Button>
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Discard ${plural(count, 'failure')}?`}
        consequence="They leave this list and stay in the history as failed. A later failure of the same cause begins a new group."
        action="Discard"
        onConfirm={discard}
      />
    </li>
  );
}
