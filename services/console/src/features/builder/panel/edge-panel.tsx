import { ArrowRight } from 'lucide-react';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Button } from '@/components/ui/button';
import { titleOf } from '@/features/canvas/describe';
import { ERROR_PORT } from '@/features/canvas/graph';
import { portsOfStep } from '../document/connect';
import type { StepEdge } from '../document/document';
import { shownGraph } from '../selectors';
import { dispatch, showStep, useBuilder } from '../store';

const UNLABELLED = '(none)';

/** An edge: which branch it follows, or what is written on it. */
export function EdgePanel({ edge }: { edge: StepEdge }) {
  const graph = useBuilder(shownGraph);
  const scope = useBuilder((state) => state.scope);
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const source = graph.nodes.find(({ id }) => id === edge.source);
  const target = graph.nodes.find(({ id }) => id === edge.target);
  const ports = source ? portsOfStep(source) : [];
  const label = (next: string, typing = false): void =>
    dispatch({ type: 'label_edge', scope, id: edge.id, label: next, typing });
  const choices = [...ports, ERROR_PORT];
  const isKnown = edge.label !== undefined && choices.includes(edge.label);

  return (
    <div className="flex flex-col gap-4 p-4">
      <h2 className="flex min-w-0 items-center gap-2 text-15">
        <span className="truncate">{source ? titleOf(source) : edge.source}</span>
        <ArrowRight aria-label="to" className="size-4 shrink-0 text-muted" />
        <span className="truncate">{target ? titleOf(target) : edge.target}</span>
      </h2>
      {ports.length > 0 ? (
        <Field label="Branch" hint="The edge is followed when the step leaves this way.">
          {(control) => (
            <Select
              {...control}
              value={isKnown ? edge.label : undefined}
              placeholder={edge.label === undefined ? 'Choose a branch' : `“${edge.label}” is no branch`}
              options={choices.map((value) => ({ value, label: value }))}
              onChange={(next) => label(next)}
              disabled={isReadOnly}
            />
          )}
        </Field>
      ) : (
        <>
          <Field label="Followed" hint="A label on an edge out of this step is only words.">
            {(control) => (
              <Select
                {...control}
                value={edge.label === ERROR_PORT ? ERROR_PORT : UNLABELLED}
                options={[
                  { value: UNLABELLED, label: 'When the step is done' },
                  { value: ERROR_PORT, label: 'When the step fails' },
                ]}
                onChange={(next) => label(next === UNLABELLED ? '' : next)}
                disabled={isReadOnly}
              />
            )}
          </Field>
          {edge.label !== ERROR_PORT && (
            <Field label="Label">
              {(control) => (
                <Input
                  {...control}
                  value={edge.label ?? ''}
                  maxLength={200}
                  readOnly={isReadOnly}
                  onChange={(event) => label(event.target.value, true)}
                />
              )}
            </Field>
          )}
        </>
      )}
      <div className="flex gap-2">
        <Button size="sm" onClick={() => showStep(edge.source)}>
          Go to the source
        </Button>
        <Button size="sm" onClick={() => showStep(edge.target)}>
          Go to the target
        </Button>
      </div>
    </div>
  );
}
