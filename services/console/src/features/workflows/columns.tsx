import type { WorkflowSummary } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import type { Column } from '@/components/virtual-table';
import { Sparkline } from './sparkline';
import { WorkflowMenu } from './workflow-menu';

const STATUS_WORDS = { active: 'Active', draft: 'Never published', archived: 'Archived' } as const;

/** Administrators see whose each is. */
export function workflowColumns(withOwner: boolean): readonly Column<WorkflowSummary>[] {
  const owner: Column<WorkflowSummary> = {
    id: 'owner',
    header: 'Owner',
    track: '110px',
    cell: ({ owner: name }) => name,
  };
  return [
    {
      id: 'name',
      header: 'Name',
      track: 'minmax(220px, 3fr)',
      cell: (workflow) => <Name workflow={workflow} />,
    },
    {
      id: 'tags',
      header: 'Tags',
      track: 'minmax(120px, 1fr)',
      cell: ({ tags }) => (
        <span className="flex gap-1">
          {tags.slice(0, 3).map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
          {tags.length > 3 && <Badge>+{tags.length - 3}</Badge>}
        </span>
      ),
    },
    { id: 'status', header: 'Status', track: '120px', cell: ({ status }) => STATUS_WORDS[status] },
    {
      id: 'runs',
      header: 'Latest runs',
      track: '130px',
      cell: ({ recent_runs: runs = [] }) => <Sparkline runs={runs} />,
    },
    ...(withOwner ? [owner] : []),
    { id: 'updated', header: 'Changed', track: '120px', cell: ({ updated_at: at }) => <Time at={at} /> },
    {
      id: 'menu',
      header: <span className="sr-only">Actions</span>,
      track: '56px',
      align: 'end',
      cell: (workflow) => <WorkflowMenu workflow={workflow} />,
    },
  ];
}

function Name({ workflow }: { workflow: WorkflowSummary }) {
  const { id, name, version, status, description } = workflow;
  if (workflow.deleted_at !== undefined)
    return (
      <span>
        {name}{' '}
        <span className="text-muted">
          deleted <Time at={workflow.deleted_at} />
        </span>
      </span>
    );
  return (
    <>
      <Link
        to="/workflows/$workflowId"
        params={{ workflowId: id }}
        className="font-medium hover:underline"
        title={description}
      >
        {name}
      </Link>
      {status !== 'draft' && <span className="ml-1.5 text-muted">v{version}</span>}
    </>
  );
}
