import type { WorkflowSummary } from '@millrace/contracts';
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { toastError } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { NewWorkflowButton } from '@/features/workflows/new-workflow-button';

/** The shortest of the examples that a new installation brings. */
const EASIEST = ['example-first-answer', 'example-state-regions', 'example-weather-report'];

/** For whoever has run nothing yet: one click to a first execution, and where to go from there. */
export function FirstRun({ workflows }: { workflows: readonly WorkflowSummary[] }) {
  const { whyNot } = useRights();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const example = exampleAmong(workflows);

  async function run({ id }: WorkflowSummary): Promise<void> {
    setBusy(true);
    try {
      const { execution_id: executionId } = await api.workflows.execute(id);
      await navigate({ to: '/executions/$executionId', params: { executionId }, search: {} });
    } catch (error) {
      toastError('Could not start it', error);
      setBusy(false);
    }
  }

  return (
    <section
      aria-label="First steps"
      className="flex flex-col gap-3 rounded-card border border-line bg-card p-4"
    >
      <h2 className="text-15">Your first execution is one click away</h2>
      <ol className="flex flex-col gap-1 text-muted">
        <li>1. Run an example and watch its steps live.</li>
        <li>2. Open it in the builder, change something, run it again.</li>
        <li>3. Draw your own: agents and tools from the palette, connected in the order they work.</li>
      </ol>
      <div className="flex flex-wrap gap-2">
        {example && (
          <Button
            variant="primary"
            busy={busy}
            disabledReason={whyNot('workflow:execute')}
            onClick={() => void run(example)}
          >
            <Play aria-hidden className="size-3.5" />
            Run “{example.name}”
          </Button>
        )}
        <NewWorkflowButton />
      </div>
    </section>
  );
}

function exampleAmong(workflows: readonly WorkflowSummary[]): WorkflowSummary | undefined {
  const named = EASIEST.map((id) => workflows.find((workflow) => workflow.id.startsWith(id)));
  return (
    named.find((workflow) => workflow !== undefined) ?? workflows.find(({ status }) => status === 'active')
  );
}
