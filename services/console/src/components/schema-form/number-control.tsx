import { useState } from 'react';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import type { NumberShape } from './shape';

/** The text is kept while it is no number yet, as in `1.` or `-`. */
export function NumberControl({ shape, path, label, value, onChange, required }: ControlProps<NumberShape>) {
  const shown = typeof value === 'number' ? String(value) : '';
  const [typed, setTyped] = useState<string>();
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const text =
    typed !== undefined && (parsed(typed) === value || parsed(typed) === undefined) ? typed : shown;
  const isNumber = text.trim() === '' || parsed(text) !== undefined;

  const change = (next: string): void => {
    setTyped(next);
    const number = parsed(next);
    if (number !== undefined) onChange(number);
    else if (next.trim() === '') onChange(undefined);
  };
  return (
    <Field
      label={label}
      hint={hintOf(shape)}
      error={isNumber ? error : 'is not a number'}
      required={required}
    >
      {(control) => (
        <Input
          {...control}
          inputMode={shape.integer ? 'numeric' : 'decimal'}
          value={text}
          onChange={(event) => change(event.target.value)}
          onBlur={() => {
            if (isNumber) setTyped(undefined);
          }}
          placeholder={typeof shape.default === 'number' ? String(shape.default) : undefined}
          readOnly={readOnly}
          className="max-w-48"
        />
      )}
    </Field>
  );
}

function parsed(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  return Number(trimmed);
}

function hintOf({ description, minimum, maximum }: NumberShape): string | undefined {
  if (description !== undefined) return description;
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `At least ${minimum}`;
  return maximum === undefined ? undefined : `At most ${maximum}`;
}
