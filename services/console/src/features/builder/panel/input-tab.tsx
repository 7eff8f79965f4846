import type { JsonValue, Node } from '@millrace/contracts';
import { useMemo } from 'react';
import { Segmented } from '@/components/ui/choice';
import { JsonView } from '@/components/json-view';
import { SchemaForm } from '@/components/schema-form/schema-form';
import type { Shape } from '@/components/schema-form/shape';
import type { ControlProps } from '@/components/schema-form/form-context';
import { Time } from '@/components/time';
import type { RunData } from '../expressions/run-data';
import { useExpressionPlace } from '../expressions/use-expressions';
import { useProblems } from '../problems/problems-store';
import { dispatch, useBuilder } from '../store';
import { ValueField } from './value-field';

const SHAPE: Shape = { kind: 'object', fields: [{ name: 'input', required: true, shape: { kind: 'json' } }] };
const control = (props: ControlProps) => <ValueField {...props} />;

/** What the step receives: by default what is there, or what its author puts together. */
export function InputTab({ node, run }: { node: Node; run: RunData | null | undefined }) {
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const { scope } = useExpressionPlace();
  const problems = useProblems();
  const errors = useMemo(
    () =>
      problems.flatMap(({ nodeIds, field, message }) =>
        nodeIds[0] === node.id && field[1] === 'input' ? [{ path: field.slice(1), message }] : [],
      ),
    [problems, node.id],
  );
  const { input } = node.data;
  const isOwn = input !== undefined;
  const set = (next: JsonValue | undefined, typing = true): void =>
    dispatch({ type: 'update_step', id: node.id, change: { input: next }, typing });
  const received = run?.steps.get(node.id)?.input;

  return (
    <div className="flex flex-col gap-4 p-4">
      {!isReadOnly && (
        <Segmented
          label="Input of the step"
          value={isOwn ? 'own' : 'usual'}
          onChange={(way) => set(way === 'own' ? (input ?? '=parameters') : undefined, false)}
          options={[
            { value: 'usual', label: 'Usual input' },
            { value: 'own', label: 'Own input' },
          ]}
          className="self-start"
        />
      )}
      {isOwn ? (
        <SchemaForm
          shape={SHAPE}
          value={{ input }}
          onChange={(value) => set(value['input'])}
          errors={errors}
          readOnly={isReadOnly}
          renderControl={control}
        />
      ) : (
        <p className="text-12 text-muted">
          The parameters of the execution, and by its id the output of each step before this one.
        </p>
      )}
      <section className="flex flex-col gap-2">
        <h3 className="text-12 font-medium">
          {received === undefined ? 'What it would get' : 'What it got in the last run'}
          {received !== undefined && run && (
            <span className="font-normal text-muted">
              , <Time at={run.at} />
            </span>
          )}
        </h3>
        <JsonView
          value={received ?? scope.values['input'] ?? null}
          label={`Input of ${node.id}`}
          root="input"
        />
      </section>
    </div>
  );
}
