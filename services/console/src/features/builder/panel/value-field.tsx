import { isJsonObject, type JsonValue } from '@millrace/contracts';
import { useId, useState } from 'react';
import { useErrorAt, useFormContext, type ControlProps } from '@/components/schema-form/form-context';
import { JsonEditor } from '@/components/schema-form/json-editor';
import { Segmented } from '@/components/ui/choice';
import { ExpressionField } from './expression-field';

type Way = 'text' | 'json';

/** A value of any type: a text that may be an expression, or JSON whose texts may be. */
export function ValueField(props: ControlProps) {
  const { value, onChange, label, shape, path } = props;
  const { readOnly } = useFormContext();
  const error = useErrorAt(path, true);
  const hintId = useId();
  const [chosen, setChosen] = useState<Way>();
  const way = chosen ?? (value === undefined || typeof value === 'string' ? 'text' : 'json');

  const choose = (next: Way): void => {
    setChosen(next);
    const other = converted(value, next);
    if (other !== value) onChange(other);
  };
  return (
    <div className="relative flex flex-col gap-1">
      {!readOnly && (
        <Segmented<Way>
          label={`${label}: written as`}
          value={way}
          onChange={choose}
          options={[
            { value: 'text', label: 'Text' },
            { value: 'json', label: 'JSON' },
          ]}
          className="mb-1 h-6 self-start"
        />
      )}
      {way === 'text' ? (
        <ExpressionField
          {...props}
          shape={{ kind: 'text', multiline: false, description: shape.description }}
          language="template"
        />
      ) : (
        <>
          <span aria-hidden className="text-12 font-medium">
            {label}
          </span>
          <JsonEditor
            label={label}
            value={value}
            onChange={readOnly ? undefined : onChange}
            describedBy={hintId}
            invalid={error !== undefined}
          />
          <p id={hintId} className="text-12 text-muted">
            {shape.description ?? 'Texts in it may be =expressions or hold {{ expressions }}.'}
          </p>
          {error !== undefined && (
            <p role="alert" className="text-12 text-failed">
              {error}
            </p>
          )}
        </>
      )}
    </div>
  );
}

/** The value as the other way of writing has it, where that loses nothing. */
function converted(value: JsonValue | undefined, way: Way): JsonValue | undefined {
  if (way === 'json') return value === '' ? undefined : value;
  if (value === undefined || typeof value === 'string') return value;
  return isJsonObject(value) || Array.isArray(value) ? `=${JSON.stringify(value)}` : `=${String(value)}`;
}
