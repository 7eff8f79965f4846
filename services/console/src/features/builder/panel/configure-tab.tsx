import { agentType, AGENT_DESCRIPTIONS, descriptorOf, type JsonObject, type Node } from '@millrace/contracts';
import { useCallback, useMemo } from 'react';
import { SchemaForm } from '@/components/schema-form/schema-form';
import type { ControlProps } from '@/components/schema-form/form-context';
import type { FormError } from '@/components/schema-form/shape';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { useProblems } from '../problems/problems-store';
import { dispatch, useBuilder } from '../store';
import { BodyLink } from './body-link';
import { configurationControl } from './configuration-control';
import { PROMINENT, shapeOfStep } from './step-shape';

/** The configuration of a step, made from its kind's schema. */
export function ConfigureTab({ node }: { node: Node }) {
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const errors = useConfigurationErrors(node.id);
  const { id, type, data } = node;
  const body = data.config['body'];
  const hasBody = descriptorOf(type).hasBody === true;
  const renderControl = useCallback((control: ControlProps) => configurationControl(type, control), [type]);

  const change = (config: JsonObject): void =>
    dispatch({
      type: 'update_step',
      id,
      change: { config: hasBody && body !== undefined ? { ...config, body } : config },
      typing: true,
    });

  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="text-12 text-muted">
        {data.agent_type ? AGENT_DESCRIPTIONS[data.agent_type].description : descriptorOf(type).description}
      </p>
      {type === 'agent' && (
        <Field label="Agent type" required>
          {(control) => (
            <Select
              {...control}
              value={data.agent_type}
              options={agentType.options.map((value) => ({ value, label: AGENT_DESCRIPTIONS[value].title }))}
              onChange={(next) => dispatch({ type: 'update_step', id, change: { agent_type: next } })}
              disabled={isReadOnly}
            />
          )}
        </Field>
      )}
      {hasBody && <BodyLink node={node} />}
      <SchemaForm
        shape={shapeOfStep(node)}
        value={data.config}
        onChange={change}
        errors={errors}
        readOnly={isReadOnly}
        renderControl={renderControl}
        prominent={PROMINENT[type]}
      />
    </div>
  );
}

/** Problems of the step that are about a field of its configuration. */
function useConfigurationErrors(stepId: string): readonly FormError[] {
  const problems = useProblems();
  return useMemo(
    () =>
      problems.flatMap(({ nodeIds, field, message, severity }) =>
        severity === 'error' && nodeIds[0] === stepId && field[0] === 'data' && field[1] === 'config'
          ? [{ path: field.slice(2), message: message.replace(/^node "[^"]*": /, '') }]
          : [],
      ),
    [problems, stepId],
  );
}
