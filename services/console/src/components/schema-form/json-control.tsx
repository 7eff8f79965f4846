import { useId } from 'react';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import { JsonEditor } from './json-editor';
import type { JsonShape } from './shape';

/** What no other control can show, as JSON. */
export function JsonControl({ shape, path, label, value, onChange, required }: ControlProps<JsonShape>) {
  const hintId = useId();
  const error = useErrorAt(path, true);
  const { readOnly } = useFormContext();
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="text-12 font-medium">
        {label}
        {required && <span className="text-failed"> *</span>}
      </span>
      <JsonEditor
        label={label}
        value={value}
        onChange={readOnly ? undefined : onChange}
        describedBy={shape.description === undefined ? undefined : hintId}
        invalid={error !== undefined}
      />
      {shape.description !== undefined && (
        <p id={hintId} className="text-12 text-muted">
          {shape.description}
        </p>
      )}
      {error !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {error}
        </p>
      )}
    </div>
  );
}
