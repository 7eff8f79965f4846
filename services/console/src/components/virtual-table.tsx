import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { usePreferences } from '@/app/preferences';
import { cx } from '@/lib/classes';
import { Checkbox } from './ui/choice';

export interface Column<T> {
  readonly id: string;
  readonly header: ReactNode;
  /** A grid track: `120px`, `minmax(160px, 2fr)`. */
  readonly track: string;
  readonly align?: 'end';
  readonly cell: (row: T) => ReactNode;
}

/** Which rows are chosen; `onRange` also chooses those between the last click and this one. */
export interface RowSelection {
  readonly selected: ReadonlySet<string>;
  readonly toggle: (key: string, chosen: boolean, withRange: boolean) => void;
  readonly toggleAll: (chosen: boolean) => void;
}

interface VirtualTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** What a click on a row does; its first cell should hold a link that does the same. */
  onOpen: (row: T) => void;
  selection?: RowSelection | undefined;
  /** Called when the end comes into sight, as long as there is more. */
  onEnd?: (() => void) | undefined;
  footer?: ReactNode;
}

const HEIGHTS = { comfortable: 40, compact: 32 } as const;

/** A table of any length: only the rows in sight are in the document. It scrolls in its own box. */
export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { label, columns, rows, rowKey, onOpen, selection, onEnd, footer } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const density = usePreferences((preferences) => preferences.density);
  const rowHeight = HEIGHTS[density];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (lastIndex >= rows.length - 5) onEnd?.();
  }, [lastIndex, rows.length, onEnd]);

  const tracks = [...(selection ? ['36px'] : []), ...columns.map(({ track }) => track)].join(' ');
  const all = rows.length > 0 && rows.every((row) => selection?.selected.has(rowKey(row)) === true);
  const some = selection !== undefined && selection.selected.size > 0;

  return (
    <div
      ref={scroller}
      className="min-h-40 flex-1 overflow-auto rounded-card border border-line bg-card"
      tabIndex={-1}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className="min-w-fit">
        <div
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: tracks }}
          className="sticky top-0 z-10 grid h-8 items-center border-b border-line bg-card text-12 font-medium text-muted"
        >
          {selection && (
            <span role="columnheader" className="flex justify-center">
              <Checkbox
                label="Choose all that are shown"
                checked={all ? true : some ? 'indeterminate' : false}
                onChange={selection.toggleAll}
              />
            </span>
          )}
          {columns.map(({ id, header, align }) => (
            <span
              role="columnheader"
              key={id}
              className={cx('truncate px-3', align === 'end' && 'text-right')}
            >
              {header}
            </span>
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = rowKey(row);
            const chosen = selection?.selected.has(key) === true;
            return (
              <div
                role="row"
                key={key}
                aria-rowindex={index + 2}
                aria-selected={selection && chosen}
                style={{
                  gridTemplateColumns: tracks,
                  transform: `translateY(${start}px)`,
                  height: rowHeight,
                }}
                onClick={(event) => {
                  if (!isOnControl(event)) onOpen(row);
                }}
                className={cx(
                  'absolute inset-x-0 top-0 grid cursor-pointer items-center border-b border-line hover:bg-hover',
                  chosen && 'bg-accent-soft',
                )}
              >
                {selection && (
                  <span
                    role="cell"
                    className="flex justify-center"
                    onClickCapture={(event) => {
                      event.stopPropagation();
                      selection.toggle(key, !chosen, event.shiftKey);
                    }}
                    onKeyDown={stopSpace}
                  >
                    <Checkbox label={`Choose ${key}`} checked={chosen} onChange={() => undefined} />
                  </span>
                )}
                {columns.map(({ id, cell, align }) => (
                  <span role="cell" key={id} className={cx('truncate px-3', align === 'end' && 'text-right')}>
                    {cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {footer}
    </div>
  );
}

/** A link or button in a row does its own thing. */
const isOnControl = (event: MouseEvent): boolean =>
  event.target instanceof Element && event.target.closest('a, button, [role="checkbox"]') !== null;

const stopSpace = (event: KeyboardEvent): void => {
  if (event.key === ' ') event.stopPropagation();
};
