import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { RecordKey } from '@/components/schema-form/record-key';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/choice';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { PARAMETER_TYPES, parsedDefault, type ParameterRow } from './parameter-rows';

interface ParameterRowProps {
  row: ParameterRow;
  taken: readonly string[];
  readOnly: boolean;
  onChange: (row: ParameterRow) => void;
  onRemove: () => void;
}

const LABELS = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'Yes or no',
  object: 'Object',
  array: 'List',
} as const;

export function ParameterRowFields({ row, taken, readOnly, onChange, onRemove }: ParameterRowProps) {
  const { name, type, required, description } = row;
  return (
    <fieldset
      aria-label={`Parameter ${name}`}
      className="flex flex-col gap-1.5 rounded-control border border-line p-2"
    >
      <div className="flex items-start gap-1.5">
        <RecordKey
          label="Name"
          name={name}
          taken={taken}
          readOnly={readOnly}
          onRename={(next) => onChange({ ...row, name: next })}
        />
        <Select
          aria-label={`Type of ${name}`}
          value={type}
          options={PARAMETER_TYPES.map((value) => ({ value, label: LABELS[value] }))}
          onChange={(next) => onChange({ ...row, type: next, default: undefined })}
          disabled={readOnly}
          className="h-7 w-36 shrink-0"
        />
        {!readOnly && (
          <Button variant="ghost" size="icon-sm" hint={`Remove ${name}`} onClick={onRemove}>
            <Trash2 aria-hidden className="size-3.5" />
          </Button>
        )}
      </div>
      <Input
        aria-label={`Description of ${name}`}
        placeholder="What it is for"
        value={description}
        readOnly={readOnly}
        onChange={(event) => onChange({ ...row, description: event.target.value })}
        className="h-7 text-12"
      />
      <div className="flex items-center gap-3">
        <label className="flex items-center gap-1.5 text-12">
          <Checkbox
            label={`${name} is required`}
            checked={required}
            onChange={(next) => onChange({ ...row, required: next })}
            disabled={readOnly}
          />
          Required
        </label>
        <DefaultInput row={row} readOnly={readOnly} onChange={onChange} />
      </div>
    </fieldset>
  );
}

function DefaultInput({ row, readOnly, onChange }: Pick<ParameterRowProps, 'row' | 'readOnly' | 'onChange'>) {
  const [typed, setTyped] = useState<string>();
  const { name, type, default: initial } = row;
  const shown = initial === undefined ? '' : typeof initial === 'string' ? initial : JSON.stringify(initial);
  const isWrong = typed !== undefined && typed !== '' && parsedDefault(type, typed) === undefined;
  return (
    <Input
      aria-label={`Default of ${name}`}
      aria-invalid={isWrong || undefined}
      placeholder="Default"
      value={typed ?? shown}
      readOnly={readOnly}
      onChange={({ target }) => {
        setTyped(target.value);
        const value = parsedDefault(type, target.value);
        if (target.value === '' || value !== undefined) onChange({ ...row, default: value });
      }}
      onBlur={() => setTyped(undefined)}
      className="h-7 flex-1 font-mono text-12"
    />
  );
}
