import type { WorkflowSummary } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Empty } from '@/components/empty';
import { Time } from '@/components/time';
import { useRights } from '@/api/session';
import { Sparkline } from '@/features/workflows/sparkline';

export function WorkflowList({ workflows }: { workflows: readonly WorkflowSummary[] }) {
  const { username } = useRights();
  if (workflows.length === 0)
    return (
      <Empty title="No workflows yet">A workflow is a graph of agents and tools. Make the first one.</Empty>
    );
  return (
    <ul className="rounded-card border border-line bg-card">
      {workflows.map(({ id, name, owner, updated_at: at, recent_runs: runs = [] }) => (
        <li
          key={id}
          className="flex h-(--row-height) items-center gap-3 border-b border-line px-3 last:border-b-0 hover:bg-hover"
        >
          <Link
            to="/workflows/$workflowId"
            params={{ workflowId: id }}
            className="min-w-0 flex-1 truncate font-medium hover:underline"
          >
            {name}
            {owner !== username && <span className="ml-1.5 font-normal text-muted">{owner}</span>}
          </Link>
          <Sparkline runs={runs} />
          <span className="w-24 text-right text-12 text-muted">
            <Time at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
