import { descriptorOf, type Node } from '@millrace/contracts';
import { useMemo, useState } from 'react';
import { Tabs } from '@/components/ui/tabs';
import { expressionScope } from '../expressions/scope';
import { ExpressionPlaceContext, type ExpressionPlace } from '../expressions/use-expressions';
import { useRunData } from '../expressions/run-data';
import { useBuilder } from '../store';
import { BehaviourTab } from './behaviour-tab';
import { ConfigureTab } from './configure-tab';
import { InputTab } from './input-tab';
import { NotesTab } from './notes-tab';
import { OutputTab } from './output-tab';
import { StepHeader } from './step-header';
import { tabOfField, type StepTab } from './tab-of-field';
import { useShownField } from './use-shown-field';

/** A step: what it does, what it gets, how it behaves when things go wrong, and what it yielded last. */
export function StepPanel({ node, runId }: { node: Node; runId: string | undefined }) {
  const document = useBuilder((state) => state.document);
  const workflowId = useBuilder((state) => state.workflowId);
  const shown = useBuilder((state) => (state.shown?.stepId === node.id ? state.shown : undefined));
  const [chosen, setChosen] = useState<{ tab: StepTab; since: object | undefined }>();
  // Somebody asked for a field after a tab was chosen: the field's tab opens.
  const tab = chosen && chosen.since === shown ? chosen.tab : tabOfField(shown?.field ?? []);
  const box = useShownField(shown, tab);
  const { data: run } = useRunData(workflowId, runId);

  const place = useMemo(
    (): ExpressionPlace => ({
      scope: expressionScope(document, node.id, run),
      allowsSecrets: descriptorOf(node.type).allowsSecrets ?? false,
    }),
    [document, node.id, node.type, run],
  );

  return (
    <ExpressionPlaceContext value={place}>
      <StepHeader node={node} />
      <div ref={box} className="flex min-h-0 flex-1 flex-col">
        <Tabs<StepTab>
          label="Parts of the step"
          value={tab}
          onChange={(next) => setChosen({ tab: next, since: shown })}
          className="flex-1"
          tabs={[
            { value: 'configure', label: 'Configure', content: <ConfigureTab node={node} /> },
            { value: 'input', label: 'Input', content: <InputTab node={node} run={run} /> },
            { value: 'behaviour', label: 'Behaviour', content: <BehaviourTab node={node} /> },
            { value: 'output', label: 'Output', content: <OutputTab node={node} run={run} /> },
            { value: 'notes', label: 'Notes', content: <NotesTab node={node} /> },
          ]}
        />
      </div>
    </ExpressionPlaceContext>
  );
}
