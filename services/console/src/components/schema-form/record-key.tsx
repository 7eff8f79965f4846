import { useState } from 'react';
import { Input } from '@/components/ui/input';

interface RecordKeyProps {
  label: string;
  name: string;
  taken: readonly string[];
  readOnly: boolean;
  onRename: (name: string) => void;
}

/** The name of an entry. It is taken over when it is complete: half of it may be the name of another entry. */
export function RecordKey({ label, name, taken, readOnly, onRename }: RecordKeyProps) {
  const [typed, setTyped] = useState<string>();
  const text = typed ?? name;
  const problem =
    typed === undefined
      ? undefined
      : typed === ''
        ? 'needs a name'
        : taken.includes(typed)
          ? 'is there already'
          : undefined;
  const finish = (): void => {
    if (typed !== undefined && typed !== name && problem === undefined) onRename(typed);
    setTyped(undefined);
  };
  return (
    <div className="min-w-0 flex-1">
      <Input
        aria-label={label}
        aria-invalid={problem === undefined ? undefined : true}
        value={text}
        readOnly={readOnly}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish();
          if (event.key === 'Escape') setTyped(undefined);
        }}
        className="h-7 font-mono text-12"
        spellCheck={false}
      />
      {problem !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {problem}
        </p>
      )}
    </div>
  );
}
