import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Skeleton } from '@/components/ui/skeleton';
import { ExecutionWorkspace } from './execution-workspace';
import { openingQuery, versionQuery, type Opening } from './queries';

const route = getRouteApi('/signed-in/shell/executions/$executionId');

/** One execution, live. */
export function ExecutionPage() {
  const { executionId } = route.useParams();
  const opening = useQuery(openingQuery(executionId));
  if (opening.data === undefined) {
    return (
      <Page title="Execution">
        <Loaded query={opening} skeleton={<PageSkeleton />}>
          {() => null}
        </Loaded>
      </Page>
    );
  }
  return <WithVersion key={executionId} opening={opening.data} />;
}

function WithVersion({ opening }: { opening: Opening }) {
  const { workflow_id: workflowId, workflow_version: number } = opening.execution;
  const version = useQuery(versionQuery(workflowId, number));
  if (version.data !== undefined) return <ExecutionWorkspace opening={opening} version={version.data} />;
  return (
    <Page title="Execution">
      <Loaded query={version} skeleton={<PageSkeleton />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading the execution" className="flex flex-col gap-4">
      <Skeleton className="h-8 w-1/3" />
      <Skeleton className="h-64" />
      <Skeleton className="h-40" />
    </div>
  );
}
