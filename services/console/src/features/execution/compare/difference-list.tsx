import type { JsonValue } from '@millrace/contracts';
import { useMemo } from 'react';
import { Badge } from '@/components/ui/badge';
import { plural } from '@/lib/format';
import { differencesOf, MOST, type Difference } from './differences';

interface DifferenceListProps {
  before: JsonValue | undefined;
  after: JsonValue | undefined;
}

/** Where two values differ, place by place. */
export function DifferenceList({ before, after }: DifferenceListProps) {
  const found = useMemo(() => differencesOf(before, after), [before, after]);
  if (found.length === 0) return <p className="text-13 text-muted">The same in both.</p>;
  return (
    <div className="flex flex-col gap-1">
      <ul className="flex flex-col rounded-control border border-line bg-card">
        {found.map((difference) => (
          <li
            key={`${difference.kind} ${difference.path}`}
            className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 last:border-b-0"
          >
            <code className="font-mono text-12">{difference.path}</code>
            <Badge>{difference.kind}</Badge>
            <Values difference={difference} />
          </li>
        ))}
      </ul>
      {found.length === MOST && <p className="text-12 text-muted">The first {plural(MOST, 'difference')}.</p>}
    </div>
  );
}

function Values({ difference: { kind, before, after } }: { difference: Difference }) {
  if (kind === 'moved') return <span className="text-12 text-muted">to another place in the list</span>;
  return (
    <span className="flex min-w-0 flex-wrap gap-x-2 font-mono text-12">
      {before !== undefined && <del className="break-all text-failed">{short(before)}</del>}
      {after !== undefined && <ins className="break-all text-success no-underline">{short(after)}</ins>}
    </span>
  );
}

function short(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
