import type { ExpressionLanguage } from '@millrace/engine';
import { useId } from 'react';
import { CodeEditor } from '@/components/code-editor/code-editor';
import type { CodeLanguage, Mark } from '@/components/code-editor/props';
import { useErrorAt, useFormContext, type ControlProps } from '@/components/schema-form/form-context';
import { useCompletions, useTrial, type Trial } from '../expressions/use-expressions';
import { TrialLine } from './trial-line';

const HINTS: Partial<Record<CodeLanguage, string>> = { cel: 'CEL', jsonata: 'JSONata' };

/** Text that may be an expression, with what it refers to offered, and what it yields on the last run's data below. */
export function ExpressionField({
  shape,
  path,
  label,
  value,
  onChange,
  required,
  language,
}: ControlProps & { language: CodeLanguage }) {
  const id = useId();
  const spoken: ExpressionLanguage = language === 'cel' || language === 'jsonata' ? language : 'template';
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  const error = useErrorAt(path);
  const { readOnly } = useFormContext();
  const trial = useTrial(spoken, text);
  const complete = useCompletions(spoken);
  const change = (next: string): void => {
    if (next === '' && !required) onChange(undefined);
    else onChange(shape.kind === 'scalar' && /^\d+(\.\d+)?$/.test(next) ? Number(next) : next);
  };
  const badge = HINTS[language] ?? (trial.state === 'none' ? undefined : 'Expression');
  const isLong = shape.kind === 'text' && (shape.maxLength ?? 0) > 9_000;
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="flex items-baseline gap-2 pr-8 text-12 font-medium">
        <span>
          {label}
          {required && <span className="text-failed"> *</span>}
        </span>
        {badge !== undefined && <span className="text-11 font-normal text-muted">{badge}</span>}
      </span>
      <CodeEditor
        label={label}
        language={language}
        value={text}
        onChange={readOnly ? undefined : change}
        complete={complete}
        describedBy={`${id}-more`}
        invalid={error !== undefined || trial.state === 'invalid'}
        marks={marksOf(trial, text)}
        placeholder={placeholderOf(language, shape.default)}
        minRows={isLong ? 3 : 1}
      />
      <div id={`${id}-more`} className="flex flex-col gap-1">
        {shape.description !== undefined && <p className="text-12 text-muted">{shape.description}</p>}
        {error !== undefined && trial.state !== 'invalid' && (
          <p role="alert" className="text-12 text-failed">
            {error}
          </p>
        )}
        <TrialLine trial={trial} />
      </div>
    </div>
  );
}

function marksOf(trial: Trial, text: string): readonly Mark[] {
  if (trial.state !== 'invalid' || trial.position === null) return NO_MARKS;
  const from = Math.min(trial.position, Math.max(0, text.length - 1));
  return [{ from, to: from + 1, severity: 'error', message: trial.message }];
}
const NO_MARKS: readonly Mark[] = [];

function placeholderOf(language: CodeLanguage, initial: unknown): string | undefined {
  if (typeof initial === 'string' && initial !== '') return initial;
  if (typeof initial === 'number') return String(initial);
  return language === 'template' ? 'Text, {{ expression }} or =expression' : undefined;
}
