import { ChevronRight } from 'lucide-react';
import { titleOf } from '@/features/canvas/describe';
import { cx } from '@/lib/classes';
import { findStep, ON_FAILURE, type Scope } from './document/scope';
import { enterScope, useBuilder } from './store';

/** Where the canvas is: the workflow, what runs on failure, or the steps inside a step. */
export function Breadcrumb() {
  const document = useBuilder((state) => state.document);
  const scope = useBuilder((state) => state.scope);
  if (scope.length === 0) return null;
  const name = (part: string): string => {
    if (part === ON_FAILURE) return 'On failure';
    const found = findStep(document, part);
    return found ? titleOf(found.node) : part;
  };
  const places: { key: string; label: string; scope: Scope }[] = [
    { key: '', label: document.name, scope: [] },
    ...scope.map((part, at) => ({ key: part, label: name(part), scope: scope.slice(0, at + 1) })),
  ];
  return (
    <nav
      aria-label="Where the canvas is"
      className="absolute left-3 top-3 z-10 flex max-w-[calc(100%-24px)] items-center gap-1 rounded-control border border-line bg-card px-2 py-1 text-12"
    >
      {places.map((place, at) => {
        const isHere = at === places.length - 1;
        return (
          <span key={place.key} className="flex min-w-0 items-center gap-1">
            {at > 0 && <ChevronRight aria-hidden className="size-3 shrink-0 text-muted" />}
            <button
              type="button"
              aria-current={isHere ? 'location' : undefined}
              onClick={() => enterScope(place.scope)}
              className={cx('max-w-40 truncate hover:underline', isHere ? 'font-medium' : 'text-muted')}
            >
              {place.label}
            </button>
          </span>
        );
      })}
    </nav>
  );
}
