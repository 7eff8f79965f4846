import { lazy, Suspense } from 'react';
import { controlClasses } from '@/components/ui/input';
import { cx } from '@/lib/classes';
import type { CodeEditorProps } from './props';

const View = lazy(async () => ({ default: (await import('./view')).CodeEditorView }));

/**
 * Text with a syntax: JSON, YAML, JavaScript, CEL, JSONata, or a template of a workflow. The editor itself comes when
 * the first one is shown; until then the text stands there as it is. Tab indents where there are several lines; Escape
 * and then Tab leaves.
 */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Waiting {...props} />}>
      <View {...props} />
    </Suspense>
  );
}

function Waiting({ value, label, minRows = 1, className }: CodeEditorProps) {
  return (
    <pre
      aria-label={label}
      aria-busy
      className={cx(
        controlClasses,
        'overflow-hidden whitespace-pre-wrap py-1.5 font-mono text-12 text-muted',
        className,
      )}
      style={{ minHeight: minRows * 18 + 14 }}
    >
      {value}
    </pre>
  );
}
