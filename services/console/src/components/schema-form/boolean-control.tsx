import { useId } from 'react';
import { Switch } from '@/components/ui/choice';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import type { BooleanShape } from './shape';

export function BooleanControl({ shape, path, label, value, onChange }: ControlProps<BooleanShape>) {
  const id = useId();
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const hint = shape.description;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <Switch
          id={id}
          checked={typeof value === 'boolean' ? value : shape.default === true}
          onChange={onChange}
          disabled={readOnly}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        />
        <label htmlFor={id} className="text-12 font-medium">
          {label}
        </label>
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-12 text-muted">
          {hint}
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
