import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { Plus, Trash2 } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { useFormContext, type ControlProps } from './form-context';
import { Group } from './group';
import { RecordKey } from './record-key';
import type { RecordShape } from './shape';
import { initialValue, pathKey, withMember } from './values';

/** Names of one's own choice and their values. */
export function RecordControl({ shape, path, label, value, onChange }: ControlProps<RecordShape>) {
  const { Control, readOnly } = useFormContext();
  const object = isJsonObject(value) ? value : {};
  const names = Object.keys(object);

  const add = (): void => onChange({ ...object, [freeName(names)]: initialText(shape) });
  return (
    <Group
      label={label}
      description={shape.description}
      path={path}
      actions={
        readOnly ? undefined : (
          <Button size="sm" className="self-start" onClick={add}>
            <Plus aria-hidden className="size-3.5" />
            Add entry
          </Button>
        )
      }
    >
      {names.length === 0 && <p className="text-12 text-muted">None</p>}
      {names.map((name, index) => (
        // The place and not the name: a row keeps its controls while its name changes.
        <div key={index} data-field={pathKey([...path, name])} className="flex flex-col gap-1">
          <div className="flex items-center gap-1">
            <RecordKey
              label={`${label}: name ${index + 1}`}
              name={name}
              taken={names.filter((other) => other !== name)}
              readOnly={readOnly}
              onRename={(next) => onChange(renamed(object, name, next))}
            />
            {!readOnly && (
              <Button
                variant="ghost"
                size="icon-sm"
                hint={`Remove ${name}`}
                onClick={() => onChange(withMember(object, name, undefined))}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </Button>
            )}
          </div>
          <Control
            shape={shape.value}
            path={[...path, name]}
            label={name}
            value={object[name]}
            onChange={(next) => onChange({ ...object, [name]: next ?? initialText(shape) })}
            required
          />
        </div>
      ))}
    </Group>
  );
}

/** A value of any type is usually a text. */
function initialText({ value }: RecordShape): JsonValue {
  return value.kind === 'json' ? '' : initialValue(value);
}

function renamed(object: JsonObject, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name === from ? to : name, value]),
  );
}

function freeName(names: readonly string[]): string {
  for (let count = 1; ; count += 1) if (!names.includes(`name_${count}`)) return `name_${count}`;
}
