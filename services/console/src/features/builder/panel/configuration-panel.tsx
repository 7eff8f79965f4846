import { plural } from '@/lib/format';
import { selectedEdge, selectedStep } from '../selectors';
import { useBuilder } from '../store';
import { EdgePanel } from './edge-panel';
import { StepPanel } from './step-panel';
import { WorkflowPanel } from './workflow-panel';

/** What is selected, to be looked at and changed: a step, an edge, or else the workflow itself. */
export function ConfigurationPanel({ runId }: { runId?: string | undefined }) {
  const step = useBuilder(selectedStep);
  const edge = useBuilder(selectedEdge);
  const count = useBuilder(({ selection }) => selection.nodes.size + selection.edges.size);
  return (
    <aside aria-label="Configuration" className="flex h-full min-h-0 flex-col bg-card">
      {step ? (
        <StepPanel key={step.id} node={step} runId={runId} />
      ) : edge ? (
        <EdgePanel key={edge.id} edge={edge} />
      ) : count > 1 ? (
        <p className="p-4 text-13 text-muted">
          {plural(count, 'thing')} selected. Select one to configure it.
        </p>
      ) : (
        <WorkflowPanel />
      )}
    </aside>
  );
}
