import type { JsonValue } from '@millrace/contracts';
import { useMemo } from 'react';
import { cx } from '@/lib/classes';
import type { FieldChange, VersionChange } from './diff';
import { diffLines, type DiffLine } from './line-diff';

/** What became of one step, field by field, as text. */
export function ChangeDetail({ change }: { change: VersionChange | undefined }) {
  if (!change) {
    return (
      <p className="min-w-0 flex-1 p-4 text-13 text-muted">
        Both versions do the same. Positions, labels of edges and notes make no version.
      </p>
    );
  }
  return (
    <section aria-label={`Differences of ${change.title}`} className="min-w-0 flex-1 overflow-y-auto p-3">
      {change.fields.length === 0 ? (
        <p className="text-13 text-muted">
          The edge {change.title} was {change.mark}.
        </p>
      ) : (
        <dl className="flex flex-col gap-3">
          {change.fields.map((field) => (
            <Field key={field.path} field={field} />
          ))}
        </dl>
      )}
    </section>
  );
}

const LOOKS: Record<
  DiffLine['kind'],
  { readonly sign: string; readonly classes: string; readonly word: string }
> = {
  same: { sign: ' ', classes: 'text-muted', word: '' },
  removed: { sign: '−', classes: 'bg-failed-soft', word: 'removed: ' },
  added: { sign: '+', classes: 'bg-success-soft', word: 'added: ' },
};

function Field({ field: { path, before, after } }: { field: FieldChange }) {
  const lines = useMemo(() => diffLines(textOf(before), textOf(after)), [before, after]);
  return (
    <div>
      <dt className="mb-1 font-mono text-12 font-medium">{path.replace(/^data\./, '')}</dt>
      <dd className="overflow-x-auto rounded-control border border-line font-mono text-12">
        {lines.map(({ kind, text }, index) => (
          <div key={index} className={cx('flex whitespace-pre-wrap px-2', LOOKS[kind].classes)}>
            <span aria-hidden className="w-4 shrink-0 select-none">
              {LOOKS[kind].sign}
            </span>
            <span className="sr-only">{LOOKS[kind].word}</span>
            <span className="min-w-0 break-all">{text}</span>
          </div>
        ))}
      </dd>
    </div>
  );
}

/** Texts as they are, so that lines of code and of instructions are compared as lines. */
function textOf(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
