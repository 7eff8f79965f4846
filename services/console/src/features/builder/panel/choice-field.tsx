import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';

interface ChoiceFieldProps<T extends string> {
  /** Of the field in the definition: what problems name it by. */
  name: string;
  label: string;
  value: T | undefined;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  placeholder?: string;
  error?: string | undefined;
  disabled?: boolean;
}

export function ChoiceField<T extends string>({ name, label, error, ...select }: ChoiceFieldProps<T>) {
  return (
    <div data-field={name}>
      <Field label={label} error={error}>
        {(control) => <Select {...control} {...select} />}
      </Field>
    </div>
  );
}
