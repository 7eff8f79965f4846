import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent } from 'react';
import { toastError } from '@/components/toast';
import { cx } from '@/lib/classes';
import { copyText } from '@/lib/copy';
import { JsonRowView, textOf } from './json-row';
import { expressionOf } from './path';
import type { JsonRow } from './rows';

/** Fewer lines than this are all put on the page: short values need no box of their own to scroll in. */
const VIRTUAL_FROM = 200;

interface JsonTreeProps {
  label: string;
  rows: readonly JsonRow[];
  root: string;
  matches: ReadonlySet<string>;
  /** The line to bring into sight. */
  target: string | undefined;
  onToggle: (row: JsonRow) => void;
}

/** The lines, only those in sight where there are many. Arrows walk and open, `c` copies the value, `p` its path. */
export function JsonTree({ label, rows, root, matches, target, onToggle }: JsonTreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState('');
  const isVirtual = rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? rows.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => 20,
    overscan: 20,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const activeIndex = Math.max(
    0,
    rows.findIndex(({ id }) => id === activeId),
  );

  const show = (index: number): void => {
    if (isVirtual) virtualizer.scrollToIndex(index);
    else box.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const reveal = useEffectEvent((id: string) => {
    setActiveId(id);
    show(rows.findIndex((row) => row.id === id));
  });
  // Only a new target is gone to: opening a line somewhere else must not bring the tree back.
  const reached = rows.some(({ id }) => id === target) ? target : undefined;
  useEffect(() => {
    if (reached !== undefined) reveal(reached);
  }, [reached]);

  const walk = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row === undefined) return;
    setActiveId(row.id);
    show(rows.indexOf(row));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[activeIndex];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actionOf(event.key, { row, rows, root, index: activeIndex, walk, onToggle });
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  const items = isVirtual ? virtualizer.getVirtualItems() : rows.map((_, index) => ({ index, start: 0 }));
  return (
    <div
      ref={box}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={rows[activeIndex] && rowId(label, activeIndex)}
      onKeyDown={onKeyDown}
      className={cx(
        'relative font-mono text-12 leading-5 outline-offset-[-2px]',
        isVirtual && 'max-h-[60vh] min-h-40 flex-1 overflow-auto',
      )}
    >
      <div style={isVirtual ? { height: virtualizer.getTotalSize() } : undefined} className="relative">
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={row.id}
              id={rowId(label, index)}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-expanded={row.expandable ? row.open : undefined}
              aria-selected={index === activeIndex}
              data-index={index}
              ref={isVirtual ? virtualizer.measureElement : undefined}
              onClick={() => setActiveId(row.id)}
              onDoubleClick={() => row.expandable && onToggle(row)}
              className={cx(
                '[[role=tree]:focus-visible_&]:aria-selected:bg-accent-soft',
                isVirtual && 'absolute inset-x-0',
              )}
              style={isVirtual ? { transform: `translateY(${start}px)` } : undefined}
            >
              <JsonRowView row={row} root={root} isMatch={matches.has(row.id)} onToggle={onToggle} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const rowId = (label: string, index: number): string => `${label.replaceAll(/\W/g, '-')}-line-${index}`;

interface Place {
  readonly row: JsonRow;
  readonly rows: readonly JsonRow[];
  readonly root: string;
  readonly index: number;
  readonly walk: (index: number) => void;
  readonly onToggle: (row: JsonRow) => void;
}

/** What a key does on a line; undefined where it does nothing there. */
function actionOf(key: string, { row, rows, root, index, walk, onToggle }: Place): (() => void) | undefined {
  switch (key) {
    case 'ArrowDown':
      return () => walk(index + 1);
    case 'ArrowUp':
      return () => walk(index - 1);
    case 'Home':
      return () => walk(0);
    case 'End':
      return () => walk(rows.length - 1);
    case 'ArrowRight':
      return () => (row.expandable && !row.open ? onToggle(row) : walk(index + 1));
    case 'ArrowLeft':
      return () => (row.open ? onToggle(row) : walk(parentOf(rows, index)));
    case 'Enter':
      return row.expandable ? () => onToggle(row) : undefined;
    case 'c':
      return () => copy(textOf(row.value));
    case 'p':
      return () => copy(expressionOf(root, row.path));
    default:
      return undefined;
  }
}

function parentOf(rows: readonly JsonRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) if ((rows[at]?.depth ?? 0) < depth) return at;
  return index;
}

function copy(text: string): void {
  copyText(text).catch((error: unknown) => toastError('Could not copy', error));
}
