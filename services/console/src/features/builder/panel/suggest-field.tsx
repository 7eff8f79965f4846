import { useId } from 'react';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useErrorAt, useFormContext, type ControlProps } from '@/components/schema-form/form-context';

/** A text with known values to choose from; others may be typed. */
export function SuggestField({
  path,
  label,
  value,
  onChange,
  required,
  shape,
  suggestions,
}: ControlProps & { suggestions: readonly { readonly value: string; readonly label?: string }[] }) {
  const listId = useId();
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  return (
    <Field label={label} hint={shape.description} error={error} required={required}>
      {(control) => (
        <>
          <Input
            {...control}
            list={listId}
            value={typeof value === 'string' ? value : ''}
            readOnly={readOnly}
            spellCheck={false}
            onChange={({ target }) => onChange(target.value === '' && !required ? undefined : target.value)}
          />
          <datalist id={listId}>
            {suggestions.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
