import { Plus } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem } from '@/components/ui/menu';
import type { FieldShape } from './shape';
import { labelOf } from './values';

/** What else may be given. */
export function AddField({
  fields,
  onAdd,
  label = 'Add field',
}: {
  fields: readonly FieldShape[];
  onAdd: (name: string) => void;
  label?: string;
}) {
  return (
    <Menu
      align="start"
      trigger={
        <Button size="sm" className="self-start">
          <Plus aria-hidden className="size-3.5" />
          {label}
        </Button>
      }
    >
      {fields.map(({ name, shape }) => (
        <MenuItem key={name} onSelect={() => onAdd(name)}>
          {shape.title ?? labelOf(name)}
          {shape.description !== undefined && (
            <span className="block max-w-72 text-11 text-muted">{shape.description}</span>
          )}
        </MenuItem>
      ))}
    </Menu>
  );
}
