import type { JsonValue } from '@millrace/contracts';
import { useState } from 'react';
import { CodeEditor } from '@/components/code-editor/code-editor';
import { readJson } from './read-json';

interface JsonEditorProps {
  label: string;
  value: JsonValue | undefined;
  /** Told whole values only: while the text is no JSON the last one stands. Empty text is undefined. */
  onChange?: ((value: JsonValue | undefined) => void) | undefined;
  describedBy?: string | undefined;
  invalid?: boolean | undefined;
  minRows?: number | undefined;
  maxRows?: number | undefined;
  onBlur?: (() => void) | undefined;
}

/** A JSON value as text. The text is kept as it was typed for as long as it means the value. */
export function JsonEditor({ label, value, onChange, minRows = 3, ...rest }: JsonEditorProps) {
  const [typed, setTyped] = useState<{ text: string; meant: JsonValue | undefined }>();
  const isCurrent = typed !== undefined && JSON.stringify(typed.meant) === JSON.stringify(value);
  const text = isCurrent ? typed.text : value === undefined ? '' : JSON.stringify(value, null, 2);
  const read = readJson(text);
  const change = (next: string): void => {
    const result = readJson(next);
    const meant = result.ok ? result.value : value;
    setTyped({ text: next, meant });
    if (result.ok) onChange?.(meant);
  };
  return (
    <div className="flex flex-col gap-1">
      <CodeEditor
        {...rest}
        label={label}
        language="json"
        value={text}
        onChange={onChange === undefined ? undefined : change}
        invalid={rest.invalid === true || !read.ok}
        marks={
          read.ok
            ? []
            : [{ from: read.position, to: read.position + 1, severity: 'error', message: read.message }]
        }
        minRows={minRows}
      />
      {!read.ok && (
        <p role="alert" className="text-12 text-failed">
          {read.message}
        </p>
      )}
    </div>
  );
}
