import { useState } from 'react';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { isJsonObject } from '@millrace/contracts';
import { Segmented } from '@/components/ui/choice';
import { useProblems } from '../problems/problems-store';
import { dispatch, useBuilder } from '../store';
import { ParametersTable } from './parameters-table';
import { rowsOfSchema, schemaOfRows } from './parameter-rows';

type Mode = 'table' | 'schema';

/** What an execution is started with: a table of names and types, or the JSON Schema itself. */
export function ParametersEditor() {
  const schema = useBuilder(({ document }) => document.parameters_schema);
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const problem = useProblems().find(({ loc }) => loc[0] === 'parameters_schema')?.message;
  const rows = rowsOfSchema(schema);
  const [chosen, setChosen] = useState<Mode>();
  const mode: Mode = rows === undefined ? 'schema' : (chosen ?? 'table');

  return (
    <div className="flex flex-col gap-3 p-4">
      <Segmented<Mode>
        label="Parameters as"
        value={mode}
        onChange={setChosen}
        options={[
          { value: 'table', label: 'Table' },
          { value: 'schema', label: 'JSON Schema' },
        ]}
        className="self-start"
      />
      <p className="text-12 text-muted">
        {rows === undefined
          ? 'This schema says more than a table can show.'
          : 'Executions are checked against it, and the form to run the workflow is made from it. Without any, every parameter is accepted.'}
      </p>
      {problem !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {problem}
        </p>
      )}
      {mode === 'table' && rows ? (
        <ParametersTable
          rows={rows}
          readOnly={isReadOnly}
          onChange={(next) =>
            dispatch({
              type: 'update_workflow',
              change: { parameters_schema: schemaOfRows(next, schema) },
              typing: true,
            })
          }
        />
      ) : (
        <JsonEditor
          label="JSON Schema of the parameters"
          value={schema}
          minRows={10}
          onChange={
            isReadOnly
              ? undefined
              : (next) => {
                  if (next === undefined || isJsonObject(next))
                    dispatch({ type: 'update_workflow', change: { parameters_schema: next }, typing: true });
                }
          }
        />
      )}
    </div>
  );
}
