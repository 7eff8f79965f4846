import { Link } from '@tanstack/react-router';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Section } from '@/components/ui/card';
import { NewWorkflowButton } from '@/features/workflows/new-workflow-button';
import { ApprovalsNote } from './approvals-note';
import { FirstRun } from './first-run';
import { FailureList } from './failure-list';
import { useFailures, useRecentExecutions, useRecentWorkflows } from './queries';
import { RunList } from './run-list';
import { WorkflowList } from './workflow-list';

/** Where one left off: what runs, what failed, what waits for this person; at first, how to begin. */
export function HomePage() {
  const workflows = useRecentWorkflows();
  const executions = useRecentExecutions();
  const failures = useFailures();
  const hasRun = executions.data === undefined || executions.data.items.length > 0;
  return (
    <Page title="Home" actions={<NewWorkflowButton />}>
      <ApprovalsNote />
      {!hasRun && <FirstRun workflows={workflows.data?.items ?? []} />}
      <div className="grid gap-6 xl:grid-cols-2">
        <Section title="Workflows" actions={<More to="/workflows" />}>
          <Loaded query={workflows}>{({ items }) => <WorkflowList workflows={items} />}</Loaded>
        </Section>
        <Section title="Latest executions" actions={<More to="/executions" />}>
          <Loaded query={executions}>{({ items }) => <RunList executions={items} />}</Loaded>
        </Section>
      </div>
      <Section title="Failures that need a look" actions={<More to="/dead-letters" />}>
        <Loaded query={failures}>{({ items }) => <FailureList groups={items} />}</Loaded>
      </Section>
    </Page>
  );
}

const More = ({ to }: { to: '/workflows' | '/executions' | '/dead-letters' }) => (
  <Link to={to} className="text-12 text-muted hover:text-ink hover:underline">
    All →
  </Link>
);
