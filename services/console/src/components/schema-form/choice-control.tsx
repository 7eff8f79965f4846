import type { JsonValue } from '@millrace/contracts';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import type { ChoiceShape } from './shape';
import { labelOf } from './values';

/** One of the values that a schema lists, whatever their type. */
export function ChoiceControl({ shape, path, label, value, onChange, required }: ControlProps<ChoiceShape>) {
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const keyOf = (option: JsonValue): string => JSON.stringify(option);
  const chosen = value ?? shape.default;
  return (
    <Field label={label} hint={shape.description} error={error} required={required}>
      {(control) => (
        <Select
          {...control}
          value={chosen === undefined ? undefined : keyOf(chosen)}
          onChange={(key) => onChange(shape.options.find((option) => keyOf(option) === key))}
          options={shape.options.map((option) => ({ value: keyOf(option), label: wordsOf(option) }))}
          disabled={readOnly}
        />
      )}
    </Field>
  );
}

/** Words in small letters are made readable; what is written in capitals is a name. */
function wordsOf(option: JsonValue): string {
  if (typeof option !== 'string') return JSON.stringify(option);
  return /^[a-z][a-z_]*$/.test(option) ? labelOf(option) : option;
}
