import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import type { ScalarShape, TextShape } from './shape';

const INPUT_TYPES: Readonly<Record<string, string>> = {
  date: 'date',
  email: 'email',
  uri: 'url',
  password: 'password',
};

export function TextControl({
  shape,
  path,
  label,
  value,
  onChange,
  required,
}: ControlProps<TextShape | ScalarShape>) {
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  const placeholder = typeof shape.default === 'string' ? shape.default : undefined;
  const change = (next: string): void => {
    if (next === '' && !required) onChange(undefined);
    else onChange(shape.kind === 'scalar' ? scalarOf(next) : next);
  };
  const multiline = shape.kind === 'text' && shape.multiline;
  const format = shape.kind === 'text' ? shape.format : undefined;
  return (
    <Field label={label} hint={shape.description ?? formatHint(format)} error={error} required={required}>
      {(control) =>
        multiline ? (
          <Textarea
            {...control}
            value={text}
            onChange={(event) => change(event.target.value)}
            placeholder={placeholder}
            readOnly={readOnly}
            rows={4}
          />
        ) : (
          <Input
            {...control}
            type={INPUT_TYPES[format ?? ''] ?? 'text'}
            value={text}
            onChange={(event) => change(event.target.value)}
            placeholder={placeholder}
            readOnly={readOnly}
            spellCheck={format === undefined}
          />
        )
      }
    </Field>
  );
}

function scalarOf(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

function formatHint(format: string | undefined): string | undefined {
  return format === 'date-time' ? 'A time such as 2026-11-30T18:00:00Z' : undefined;
}
