import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Button } from '@/components/ui/button';
import { VirtualTable } from '@/components/virtual-table';
import { useSelection } from '@/lib/use-selection';
import { BulkBar } from './bulk-bar';
import { EXECUTION_COLUMNS } from './columns';
import { ExecutionFilters } from './filters';
import { useExecutions } from './queries';
import { SavedViews } from './saved-views';
import { isFiltered, tidy, type ExecutionsSearch } from './search';
import { StatusCounts } from './status-counts';

const route = getRouteApi('/signed-in/shell/executions');

/** Every execution one may see, filtered by what the address says. */
export function ExecutionsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/executions' });
  const query = useExecutions(search);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const keys = useMemo(() => rows.map((row) => row.execution_id), [rows]);
  const selection = useSelection(keys);

  const apply = (changes: Partial<ExecutionsSearch>): void => {
    selection.clear();
    void navigate({ search: (before) => tidy({ ...before, ...changes }) });
  };
  const clear = (): void => void navigate({ search: {} });
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <Page
      title="Executions"
      fill
      actions={<SavedViews search={search} onOpen={(view) => void navigate({ search: view })} />}
    >
      <StatusCounts search={search} onChange={(status) => apply({ status })} />
      <ExecutionFilters search={search} onChange={apply} onClear={clear} />
      <Loaded query={query}>
        {() =>
          rows.length === 0 ? (
            <NoExecutions filtered={isFiltered(search)} onClear={clear} />
          ) : (
            <VirtualTable
              label="Executions"
              columns={EXECUTION_COLUMNS}
              rows={rows}
              rowKey={(row) => row.execution_id}
              onOpen={(row) =>
                void navigate({
                  to: '/executions/$executionId',
                  params: { executionId: row.execution_id },
                  search: {},
                })
              }
              selection={selection}
              onEnd={more}
            />
          )
        }
      </Loaded>
      <BulkBar
        search={search}
        selected={rows.filter((row) => selection.selected.has(row.execution_id))}
        onDone={selection.clear}
      />
    </Page>
  );
}

function NoExecutions({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered)
    return (
      <Empty title="No execution matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        Take a filter away, or look at a longer time.
      </Empty>
    );
  return (
    <Empty title="Nothing has been executed yet">
      Run a workflow from its page, or through the API. Every execution is listed here with what each of its
      steps did.
    </Empty>
  );
}
