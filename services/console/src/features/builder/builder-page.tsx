import { getRouteApi } from '@tanstack/react-router';
import { ErrorNote } from '@/components/error-note';
import { useDocumentTitle } from '@/components/page';
import { BuilderSkeleton } from './builder-skeleton';
import { useBuilderSession } from './saving/use-session';
import { useBuilder } from './store';
import { Workspace } from './workspace';

const route = getRouteApi('/signed-in/shell/workflows/$workflowId');

/** Draws a workflow, saves what is drawn, and runs it. */
export function BuilderPage() {
  const { workflowId } = route.useParams();
  const { run } = route.useSearch();
  const navigate = route.useNavigate();
  const load = useBuilderSession(workflowId);
  const isOpen = useBuilder((state) => state.workflowId === workflowId);
  const name = useBuilder(({ document }) => document.name);
  useDocumentTitle(isOpen && name !== '' ? name : 'Workflow');

  if (load.status === 'failed') {
    return (
      <div className="mx-auto w-full max-w-2xl p-6">
        <ErrorNote error={load.error} onRetry={load.retry} />
      </div>
    );
  }
  if (load.status === 'opening' || !isOpen) return <BuilderSkeleton />;
  return (
    <Workspace
      session={load.session}
      runId={run}
      onShowRun={(executionId) => void navigate({ search: (search) => ({ ...search, run: executionId }) })}
    />
  );
}
