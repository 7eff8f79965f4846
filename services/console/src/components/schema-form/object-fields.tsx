import { isJsonObject, type JsonValue } from '@millrace/contracts';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { AddField } from './add-field';
import { useFormContext } from './form-context';
import type { FieldShape, FormPath, ObjectShape } from './shape';
import { labelOf, pathKey, withMember } from './values';

interface ObjectFieldsProps {
  shape: ObjectShape;
  path: FormPath;
  value: JsonValue | undefined;
  onChange: (value: JsonValue) => void;
}

/** The fields of an object: those that are needed, those that are given, and a way to add the others. */
export function ObjectFields({ shape, path, value, onChange }: ObjectFieldsProps) {
  const { Control, prominent, readOnly } = useFormContext();
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set());
  const object = isJsonObject(value) ? value : {};

  const isProminent = (name: string): boolean =>
    prominent.has(pathKey([...path.map((part) => (typeof part === 'number' ? '*' : part)), name]));
  const isShown = ({ name, required, shape: field }: FieldShape): boolean =>
    field.kind !== 'constant' &&
    (required || object[name] !== undefined || isProminent(name) || added.has(name));
  const isRemovable = ({ name, required }: FieldShape): boolean =>
    !readOnly && !required && !isProminent(name);

  const change = (name: string, next: JsonValue | undefined): void =>
    onChange(withMember(object, name, next));
  const remove = (name: string): void => {
    setAdded((names) => new Set([...names].filter((one) => one !== name)));
    change(name, undefined);
  };

  const shown = shape.fields.filter(isShown);
  const hidden = shape.fields.filter((field) => !isShown(field) && field.shape.kind !== 'constant');
  return (
    <div className="flex flex-col gap-4">
      {shown.map((field) => {
        const label = field.shape.title ?? labelOf(field.name);
        return (
          <div key={field.name} data-field={pathKey([...path, field.name])} className="relative">
            <Control
              shape={field.shape}
              path={[...path, field.name]}
              label={label}
              value={object[field.name]}
              onChange={(next) => change(field.name, next)}
              required={field.required}
            />
            {isRemovable(field) && (
              <Button
                variant="ghost"
                size="icon-sm"
                hint={`Remove ${label}`}
                className="absolute -top-1 right-0 size-6"
                onClick={() => remove(field.name)}
              >
                <X aria-hidden className="size-3.5" />
              </Button>
            )}
          </div>
        );
      })}
      {hidden.length > 0 && !readOnly && (
        <AddField fields={hidden} onAdd={(name) => setAdded((names) => new Set([...names, name]))} />
      )}
    </div>
  );
}
