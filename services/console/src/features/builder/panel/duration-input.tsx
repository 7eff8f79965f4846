import { useState } from 'react';
import { Input } from '@/components/ui/input';

interface DurationInputProps {
  id?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
  /** Seconds; undefined is none. */
  value: number | undefined;
  onChange: (seconds: number | undefined) => void;
  readOnly?: boolean;
}

/** A number of seconds, or nothing. What is no number is not taken over. */
export function DurationInput({ value, onChange, ...input }: DurationInputProps) {
  const [typed, setTyped] = useState<string>();
  return (
    <Input
      {...input}
      inputMode="decimal"
      value={typed ?? (value === undefined ? '' : String(value))}
      onChange={({ target }) => {
        setTyped(target.value);
        if (target.value.trim() === '') onChange(undefined);
        else if (/^\d+(\.\d+)?$/.test(target.value.trim())) onChange(Number(target.value));
      }}
      onBlur={() => setTyped(undefined)}
      className="max-w-48"
    />
  );
}
