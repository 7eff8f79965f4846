import type { ExecutionResource } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { Tooltip } from '@/components/ui/tooltip';
import type { Column } from '@/components/virtual-table';
import { LiveDuration } from './live-duration';

/** `exec_01936d5e-…` as people say it: what tells ids of one day apart is at their end. */
export const shortId = (executionId: string): string => `…${executionId.slice(-8)}`;

export const EXECUTION_COLUMNS: readonly Column<ExecutionResource>[] = [
  {
    id: 'status',
    header: 'Status',
    track: '140px',
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'execution',
    header: 'Execution',
    track: '110px',
    cell: ({ execution_id: id }) => (
      <Link
        to="/executions/$executionId"
        params={{ executionId: id }}
        className="font-mono text-12 hover:underline"
        title={id}
      >
        {shortId(id)}
      </Link>
    ),
  },
  {
    id: 'workflow',
    header: 'Workflow',
    track: 'minmax(160px, 2fr)',
    cell: ({ workflow_name: name, workflow_version: version }) => (
      <>
        {name} <span className="text-muted">v{version}</span>
      </>
    ),
  },
  {
    id: 'steps',
    header: 'Steps',
    track: '80px',
    align: 'end',
    cell: ({ steps_completed: done, steps_total: total }) => `${done} / ${total}`,
  },
  {
    id: 'detail',
    header: 'Current step or error',
    track: 'minmax(160px, 3fr)',
    cell: ({ error, current_step: step }) =>
      error === null ? (
        <span className="text-muted">{step ?? ''}</span>
      ) : (
        <Tooltip content={error.message}>
          <span className="text-failed">
            {error.code}: {error.message}
          </span>
        </Tooltip>
      ),
  },
  { id: 'owner', header: 'Submitted by', track: '110px', cell: ({ submitted_by: name }) => name },
  { id: 'created', header: 'Submitted', track: '120px', cell: ({ created_at: at }) => <Time at={at} /> },
  {
    id: 'duration',
    header: 'Duration',
    track: '110px',
    align: 'end',
    cell: (execution) => <LiveDuration execution={execution} />,
  },
];
