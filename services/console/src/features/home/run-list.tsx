import type { ExecutionResource } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Empty } from '@/components/empty';
import { StatusIcon } from '@/components/status';
import { Time } from '@/components/time';
import { LiveDuration } from '@/features/executions/live-duration';

export function RunList({ executions }: { executions: readonly ExecutionResource[] }) {
  if (executions.length === 0)
    return <Empty title="Nothing has run yet">Executions appear here as soon as they are submitted.</Empty>;
  return (
    <ul className="rounded-card border border-line bg-card">
      {executions.map((execution) => (
        <li
          key={execution.execution_id}
          className="flex h-(--row-height) items-center gap-2 border-b border-line px-3 last:border-b-0 hover:bg-hover"
        >
          <StatusIcon status={execution.status} label />
          <Link
            to="/executions/$executionId"
            params={{ executionId: execution.execution_id }}
            className="min-w-0 flex-1 truncate hover:underline"
          >
            {execution.workflow_name}
          </Link>
          <span className="text-12 text-muted">
            <LiveDuration execution={execution} />
          </span>
          <span className="w-24 text-right text-12 text-muted">
            <Time at={execution.created_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
