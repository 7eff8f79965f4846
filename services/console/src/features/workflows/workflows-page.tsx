import type { WorkflowSummary } from '@millrace/contracts';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useRights } from '@/api/session';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Button } from '@/components/ui/button';
import { VirtualTable } from '@/components/virtual-table';
import { workflowColumns } from './columns';
import { ImportButton } from './import-button';
import { NewWorkflowButton } from './new-workflow-button';
import { useWorkflows } from './queries';
import { tidyWorkflows, type WorkflowsSearch } from './search';
import { WorkflowFilters } from './workflow-filters';

const route = getRouteApi('/signed-in/shell/workflows');

/** Every workflow one may see. */
export function WorkflowsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/workflows' });
  const query = useWorkflows(search);
  const { isAdmin } = useRights();
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const columns = useMemo(() => workflowColumns(isAdmin), [isAdmin]);
  const filtered = Object.keys(tidyWorkflows(search)).length > 0;

  const apply = (changes: Partial<WorkflowsSearch>): void =>
    void navigate({ search: (before) => tidyWorkflows({ ...before, ...changes }) });
  const clear = (): void => void navigate({ search: {} });
  const open = (row: WorkflowSummary): void => {
    if (row.deleted_at !== undefined) return;
    void navigate({ to: '/workflows/$workflowId', params: { workflowId: row.id }, search: {} });
  };
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <Page
      title="Workflows"
      fill
      actions={
        <>
          <ImportButton />
          <NewWorkflowButton />
        </>
      }
    >
      <WorkflowFilters search={search} onChange={apply} onClear={clear} />
      <Loaded query={query}>
        {() =>
          rows.length === 0 ? (
            <NoWorkflows filtered={filtered} deleted={search.deleted === true} onClear={clear} />
          ) : (
            <VirtualTable
              label="Workflows"
              columns={columns}
              rows={rows}
              rowKey={(row) => row.id}
              onOpen={open}
              onEnd={more}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function NoWorkflows({
  filtered,
  deleted,
  onClear,
}: {
  filtered: boolean;
  deleted: boolean;
  onClear: () => void;
}) {
  if (deleted)
    return (
      <Empty title="Nothing has been deleted" action={<Button onClick={onClear}>Show the workflows</Button>}>
        Deleted workflows are listed here and can be brought back.
      </Empty>
    );
  if (filtered)
    return (
      <Empty title="No workflow matches" action={<Button onClick={onClear}>Clear the filters</Button>} />
    );
  return (
    <Empty
      title="No workflows yet"
      action={
        <>
          <ImportButton />
          <NewWorkflowButton />
        </>
      }
    >
      A workflow is a graph of agents and tools. Draw one here, or import a definition as JSON or YAML.
    </Empty>
  );
}
