import { executionBudget } from '@millrace/contracts';
import { useState } from 'react';
import { shapeOfZod } from '@/components/schema-form/from-json-schema';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { Button } from '@/components/ui/button';
import { Switch } from '@/components/ui/choice';
import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { Tabs } from '@/components/ui/tabs';
import { plural } from '@/lib/format';
import { ON_FAILURE } from '../document/scope';
import type { Change, WorkflowFields } from '../document/command';
import { useProblems } from '../problems/problems-store';
import { dispatch, enterScope, useBuilder } from '../store';
import { DurationInput } from './duration-input';
import { ParametersEditor } from './parameters-editor';
import { TagsField } from './tags-field';

type WorkflowTab = 'settings' | 'parameters';

/** The workflow itself, where nothing is selected. */
export function WorkflowPanel() {
  const [tab, setTab] = useState<WorkflowTab>('settings');
  return (
    <>
      <header className="border-b border-line px-4 py-3">
        <h2 className="text-15">Workflow</h2>
      </header>
      <Tabs<WorkflowTab>
        label="Parts of the workflow"
        value={tab}
        onChange={setTab}
        className="flex-1"
        tabs={[
          { value: 'settings', label: 'Settings', content: <WorkflowSettings /> },
          { value: 'parameters', label: 'Parameters', content: <ParametersEditor /> },
        ]}
      />
    </>
  );
}

const BUDGET_PROMINENT = ['max_tokens', 'max_cost_usd'];

function WorkflowSettings() {
  const document = useBuilder((state) => state.document);
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const problems = useProblems();
  const { name, description, metadata, timeout_seconds, budget, on_failure } = document;
  const set = (change: Change<WorkflowFields>, typing = true): void =>
    dispatch({ type: 'update_workflow', change, typing });
  const errorAt = (field: string): string | undefined =>
    problems.find(({ loc }) => loc[0] === field)?.message;

  return (
    <div className="flex flex-col gap-4 p-4">
      <Field label="Name" required error={errorAt('name')}>
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={200}
            readOnly={isReadOnly}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Description">
        {(control) => (
          <Textarea
            {...control}
            rows={3}
            value={description}
            maxLength={10_000}
            readOnly={isReadOnly}
            onChange={(event) => set({ description: event.target.value })}
          />
        )}
      </Field>
      <TagsField
        tags={metadata.tags ?? []}
        readOnly={isReadOnly}
        onChange={(tags) => set({ metadata: { ...metadata, tags } }, false)}
      />
      <Field
        label="Time limit of an execution (seconds)"
        hint="None without it"
        error={errorAt('timeout_seconds')}
      >
        {(control) => (
          <DurationInput
            {...control}
            value={timeout_seconds}
            readOnly={isReadOnly}
            onChange={(seconds) => set({ timeout_seconds: seconds })}
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-12 font-medium">Budget of all model calls together</legend>
        <SchemaForm
          shape={shapeOfZod(executionBudget)}
          value={{
            ...(budget?.max_tokens !== undefined && { max_tokens: budget.max_tokens }),
            ...(budget?.max_cost_usd !== undefined && { max_cost_usd: budget.max_cost_usd }),
          }}
          onChange={(value) => {
            const parsed = executionBudget.safeParse(value);
            const isEmpty = Object.keys(value).length === 0;
            if (isEmpty) set({ budget: undefined });
            else if (parsed.success) set({ budget: parsed.data });
          }}
          readOnly={isReadOnly}
          prominent={BUDGET_PROMINENT}
        />
      </fieldset>
      <div className="flex flex-wrap items-center gap-2 rounded-control border border-line px-3 py-2">
        <Switch
          label="Steps on failure"
          checked={on_failure !== undefined}
          onChange={(enabled) => dispatch({ type: 'set_on_failure', enabled })}
          disabled={isReadOnly}
        />
        <span className="min-w-0 flex-1 text-12">
          On failure
          <span className="block text-muted">
            {on_failure === undefined
              ? 'Steps that run when the execution fails or times out'
              : plural(on_failure.nodes.length, 'step')}
          </span>
        </span>
        {on_failure && (
          <Button size="sm" onClick={() => enterScope([ON_FAILURE])}>
            Open
          </Button>
        )}
      </div>
    </div>
  );
}
