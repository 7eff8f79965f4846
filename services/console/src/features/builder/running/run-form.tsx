import { ApiProblem } from '@millrace/client';
import { isJsonObject, type JsonObject } from '@millrace/contracts';
import { useMemo, useState } from 'react';
import { useRights } from '@/api/session';
import { ErrorNote } from '@/components/error-note';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { shapeOfJsonSchema } from '@/components/schema-form/from-json-schema';
import { SchemaForm } from '@/components/schema-form/schema-form';
import type { FormError } from '@/components/schema-form/shape';
import { initialValue } from '@/components/schema-form/values';
import { Button } from '@/components/ui/button';
import { Segmented } from '@/components/ui/choice';
import { lastParameters, rememberParameters } from './last-parameters';
import type { RunRequest } from './start-run';

interface RunFormProps {
  workflowId: string;
  schema: JsonObject | undefined;
  untilStep: string | undefined;
  onRun: (request: RunRequest) => Promise<void>;
  onDone: () => void;
}

type Mode = 'form' | 'json';

/** Parameters as a form made from the workflow's schema, or as JSON. It begins with what the last run had. */
export function RunForm({ workflowId, schema, untilStep, onRun, onDone }: RunFormProps) {
  const { username } = useRights();
  const shape = useMemo(() => (schema === undefined ? undefined : shapeOfJsonSchema(schema)), [schema]);
  const hasForm = shape?.kind === 'object';
  const [mode, setMode] = useState<Mode>(hasForm ? 'form' : 'json');
  const [parameters, setParameters] = useState<JsonObject>(() => {
    const first = shape ? initialValue(shape) : {};
    return { ...(isJsonObject(first) ? first : {}), ...lastParameters(username, workflowId) };
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const errors = useMemo(() => errorsOf(error), [error]);

  async function submit(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await onRun({ parameters, untilStep });
      rememberParameters(username, workflowId, parameters);
      onDone();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          void submit();
        }
      }}
    >
      <div className="flex flex-wrap gap-2">
        {hasForm && (
          <Segmented<Mode>
            label="Parameters as"
            value={mode}
            onChange={setMode}
            options={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'JSON' },
            ]}
          />
        )}
      </div>
      {mode === 'form' && shape ? (
        <SchemaForm shape={shape} value={parameters} onChange={setParameters} errors={errors} />
      ) : (
        <JsonEditor
          label="Parameters"
          value={parameters}
          minRows={6}
          onChange={(value) => setParameters(isJsonObject(value) ? value : {})}
        />
      )}
      {shape?.kind === 'object' && shape.fields.length === 0 && (
        <p className="text-12 text-muted">This workflow takes no parameters.</p>
      )}
      {error !== undefined && <ErrorNote error={error} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={busy} hint="Ctrl+Enter">
          {untilStep === undefined ? 'Run' : 'Run to here'}
        </Button>
      </div>
    </form>
  );
}

/** What the platform says of parameters, at the fields it is about. */
function errorsOf(error: unknown): readonly FormError[] {
  if (!(error instanceof ApiProblem)) return [];
  return error.errors.flatMap(({ loc, msg }) =>
    loc[0] === 'body' && loc[1] === 'parameters' ? [{ path: loc.slice(2), message: msg }] : [],
  );
}
