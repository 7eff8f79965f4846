import { getRouteApi } from '@tanstack/react-router';
import { useDocumentTitle } from '@/components/page';
import { Loaded } from '@/components/loaded';
import { BuilderSkeleton } from './builder-skeleton';
import { useBuilder } from './store';
import { useOpenWorkflow } from './use-open-workflow';
import { Workspace } from './workspace';

const route = getRouteApi('/signed-in/shell/workflows/$workflowId');

/** Draws a workflow. */
export function BuilderPage() {
  const { workflowId } = route.useParams();
  const query = useOpenWorkflow(workflowId);
  const isOpen = useBuilder((state) => state.workflowId === workflowId);
  const name = useBuilder(({ document }) => document.name);
  useDocumentTitle(isOpen && name !== '' ? name : 'Workflow');
  return (
    <Loaded query={query} skeleton={<BuilderSkeleton />}>
      {() => (isOpen ? <Workspace /> : <BuilderSkeleton />)}
    </Loaded>
  );
}
