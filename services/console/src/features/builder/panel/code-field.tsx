import { useId } from 'react';
import { CodeEditor } from '@/components/code-editor/code-editor';
import { useErrorAt, useFormContext, type ControlProps } from '@/components/schema-form/form-context';
import { selectedStep } from '../selectors';
import { useBuilder } from '../store';

/** The source of a code step. */
export function CodeField({ path, label, value, onChange, shape }: ControlProps) {
  const hintId = useId();
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const language = useBuilder((state) => selectedStep(state)?.data.config['language']);
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="text-12 font-medium">
        {label} <span className="text-failed">*</span>
      </span>
      <CodeEditor
        label={label}
        language={language === 'typescript' ? 'typescript' : 'javascript'}
        value={typeof value === 'string' ? value : ''}
        onChange={readOnly ? undefined : onChange}
        describedBy={hintId}
        invalid={error !== undefined}
        lineNumbers
        minRows={10}
        maxRows={28}
      />
      <p id={hintId} className="text-12 text-muted">
        {shape.description}
      </p>
      {error !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {error}
        </p>
      )}
    </div>
  );
}
