import type { DeadLetter } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Empty } from '@/components/empty';
import { StatusIcon } from '@/components/status';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { useWorkflow } from '@/features/workflows/queries';
import { formatCount } from '@/lib/format';

export function FailureList({ groups }: { groups: readonly DeadLetter[] }) {
  if (groups.length === 0)
    return (
      <Empty title="Nothing failed">
        Failures are gathered here by cause, until somebody retries or discards them.
      </Empty>
    );
  return (
    <ul className="rounded-card border border-line bg-card">
      {groups.map((group) => (
        <Failure key={group.fingerprint} group={group} />
      ))}
    </ul>
  );
}

function Failure({ group }: { group: DeadLetter }) {
  const { fingerprint, workflow_id: workflowId, code, message, count, last_seen: at } = group;
  const workflow = useWorkflow(workflowId);
  return (
    <li className="flex h-(--row-height) items-center gap-2 border-b border-line px-3 last:border-b-0 hover:bg-hover">
      <StatusIcon status="failed" />
      <Link
        to="/executions"
        search={{ error_fingerprint: fingerprint }}
        className="min-w-0 flex-1 truncate hover:underline"
      >
        <span className="font-medium">{workflow.data?.name ?? workflowId}</span>{' '}
        <span className="text-muted">
          {message} <code>{code}</code>
        </span>
      </Link>
      <Badge>{formatCount(count)}×</Badge>
      <span className="w-24 text-right text-12 text-muted">
        <Time at={at} />
      </span>
    </li>
  );
}
