import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { useFormContext, type ControlProps } from './form-context';
import { Group } from './group';
import type { ListShape } from './shape';
import { initialValue, pathKey } from './values';

export function ListControl({ shape, path, label, value, onChange }: ControlProps<ListShape>) {
  const { Control, readOnly } = useFormContext();
  const items = Array.isArray(value) ? value : [];
  const one = singular(label);
  const isFull = shape.maxItems !== undefined && items.length >= shape.maxItems;

  const move = (from: number, to: number): void => {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  const add = (): void => onChange([...items, initialValue(shape.item)]);
  const remove = (index: number): void => onChange(items.filter((_, at) => at !== index));

  return (
    <Group
      label={label}
      description={shape.description}
      path={path}
      actions={
        readOnly ? undefined : (
          <Button
            size="sm"
            className="self-start"
            onClick={add}
            disabledReason={isFull ? `At most ${shape.maxItems ?? 0}` : undefined}
          >
            <Plus aria-hidden className="size-3.5" />
            Add {one.toLowerCase()}
          </Button>
        )
      }
    >
      {items.length === 0 && <p className="text-12 text-muted">None</p>}
      {items.map((item, index) => (
        <div key={index} data-field={pathKey([...path, index])} className="flex items-start gap-1">
          <div className="min-w-0 flex-1">
            <Control
              shape={shape.item}
              path={[...path, index]}
              label={`${one} ${index + 1}`}
              value={item}
              onChange={(next) => onChange(items.map((old, at) => (at === index ? (next ?? null) : old)))}
              required
            />
          </div>
          {!readOnly && (
            <div className="flex shrink-0 pt-5">
              {index > 0 && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  hint={`Move ${one} ${index + 1} up`}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp aria-hidden className="size-3.5" />
                </Button>
              )}
              {index < items.length - 1 && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  hint={`Move ${one} ${index + 1} down`}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown aria-hidden className="size-3.5" />
                </Button>
              )}
              <Button
                variant="ghost"
                size="icon-sm"
                hint={`Remove ${one} ${index + 1}`}
                onClick={() => remove(index)}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </Button>
            </div>
          )}
        </div>
      ))}
    </Group>
  );
}

function singular(label: string): string {
  if (/ies$/.test(label)) return label.replace(/ies$/, 'y');
  return /[^s]s$/.test(label) ? label.slice(0, -1) : label;
}
