import { ChevronDown, ChevronUp, Minus, Pencil, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import type { Mark } from '@/features/canvas/flow-types';
import { cx } from '@/lib/classes';
import { plural } from '@/lib/format';
import type { VersionChange } from './diff';

const LOOKS: Record<Mark, { readonly word: string; readonly icon: typeof Plus; readonly color: string }> = {
  added: { word: 'Added', icon: Plus, color: 'text-success' },
  removed: { word: 'Removed', icon: Minus, color: 'text-failed' },
  changed: { word: 'Changed', icon: Pencil, color: 'text-waiting' },
};

interface ChangeListProps {
  changes: readonly VersionChange[];
  chosen: VersionChange | undefined;
  onChoose: (key: string) => void;
  /** What can be done with the versions. */
  children?: ReactNode;
}

/** What differs between two versions, one after the other. */
export function ChangeList({ changes, chosen, onChoose, children }: ChangeListProps) {
  const at = chosen === undefined ? -1 : changes.indexOf(chosen);
  const go = (step: number): void => {
    const next = changes[at + step];
    if (next) onChoose(next.key);
  };
  return (
    <section aria-label="Changes" className="flex w-80 shrink-0 flex-col border-r border-line max-md:w-full">
      <div className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1.5">
        <h2 role="status" className="flex-1 text-12 font-medium">
          {changes.length === 0 ? 'No changes' : plural(changes.length, 'change')}
        </h2>
        {children}
        <Button
          variant="ghost"
          size="icon-sm"
          hint="Previous change"
          disabledReason={at <= 0 ? 'This is the first change' : undefined}
          onClick={() => go(-1)}
        >
          <ChevronUp aria-hidden className="size-4" />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          hint="Next change"
          disabledReason={at >= changes.length - 1 ? 'This is the last change' : undefined}
          onClick={() => go(1)}
        >
          <ChevronDown aria-hidden className="size-4" />
        </Button>
      </div>
      <ul className="min-h-0 flex-1 overflow-y-auto">
        {changes.map((change) => {
          const { word, icon: Icon, color } = LOOKS[change.mark];
          return (
            <li key={change.key}>
              <button
                type="button"
                aria-current={change === chosen || undefined}
                onClick={() => onChoose(change.key)}
                className={cx(
                  'flex w-full items-center gap-2 px-3 py-1.5 text-left text-12 hover:bg-hover',
                  change === chosen && 'bg-accent-soft',
                )}
              >
                <Icon aria-hidden className={cx('size-3.5 shrink-0', color)} />
                <span className="min-w-0 flex-1 truncate">{change.title}</span>
                <span className="shrink-0 text-11 text-muted">
                  {word} {change.what === 'workflow' ? '' : change.what}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
