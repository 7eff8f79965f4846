import { useEffect, useState } from 'react';
import { Input } from './ui/input';

interface DebouncedInputProps {
  /** Its name and its placeholder. */
  label: string;
  value: string;
  /** Told 300 ms after the last key, and at once on Enter. */
  onChange: (value: string) => void;
  className?: string;
}

const PAUSE_MS = 300;

/** A filter that waits until somebody has typed. */
export function DebouncedInput({ label, value, onChange, className }: DebouncedInputProps) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // What comes from outside (Back, Clear) replaces what is typed; what was typed here comes back unchanged.
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      className={className}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onChange(text);
      }}
    />
  );
}
