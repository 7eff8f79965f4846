import { Plus } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { ParameterRowFields } from './parameter-row';
import type { ParameterRow } from './parameter-rows';

interface ParametersTableProps {
  rows: readonly ParameterRow[];
  readOnly: boolean;
  onChange: (rows: readonly ParameterRow[]) => void;
}

/** The parameters one below the other: a panel is too narrow for columns. */
export function ParametersTable({ rows, readOnly, onChange }: ParametersTableProps) {
  const names = rows.map(({ name }) => name);
  const add = (): void => {
    let count = rows.length + 1;
    while (names.includes(`parameter_${count}`)) count += 1;
    onChange([
      ...rows,
      { name: `parameter_${count}`, type: 'string', required: false, description: '', rest: {} },
    ]);
  };
  return (
    <div className="flex flex-col gap-3">
      {rows.length === 0 && <p className="text-12 text-muted">No parameters yet.</p>}
      {rows.map((row, index) => (
        <ParameterRowFields
          // The place and not the name: the row keeps its focus while its name changes.
          key={index}
          row={row}
          taken={names.filter((_, at) => at !== index)}
          readOnly={readOnly}
          onChange={(next) => onChange(rows.map((one, at) => (at === index ? next : one)))}
          onRemove={() => onChange(rows.filter((_, at) => at !== index))}
        />
      ))}
      {!readOnly && (
        <Button size="sm" className="self-start" onClick={add}>
          <Plus aria-hidden className="size-3.5" />
          Add parameter
        </Button>
      )}
    </div>
  );
}
