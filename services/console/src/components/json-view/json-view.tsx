import type { JsonValue } from '@millrace/contracts';
import { useMemo, useState } from 'react';
import { cx } from '@/lib/classes';
import { JsonToolbar } from './json-toolbar';
import { JsonTree } from './json-tree';
import { pointerOf } from './path';
import { idsAround, rowsOf, type JsonRow, type OpenState } from './rows';
import { useJsonSearch } from './use-json-search';

interface JsonViewProps {
  value: JsonValue;
  /** What the value is: the name of the tree, and of the file it is saved as. */
  label: string;
  /** The expression that leads to the value, in front of copied paths: `steps.load.output`. */
  root?: string;
  className?: string;
}

/** A JSON value as a tree with search. Shows megabytes: only what is open and in sight is put on the page. */
export function JsonView({ value, label, root = '', className }: JsonViewProps) {
  const [open, setOpen] = useState<OpenState>(new Map());
  const [text, setText] = useState('');
  const [position, setPosition] = useState(0);
  const matches = useJsonSearch(value, text.trim());
  const rows = useMemo(() => rowsOf(value, open), [value, open]);
  const matchIds = useMemo(() => new Set(matches?.map(pointerOf)), [matches]);

  const toggle = (row: JsonRow): void => {
    setOpen((before) => new Map(before).set(row.id, !row.open));
  };
  const reveal = (index: number): void => {
    const path = matches?.[index];
    if (path === undefined) return;
    setPosition(index);
    setOpen((before) => {
      const after = new Map(before);
      for (const id of idsAround(value, path)) after.set(id, true);
      return after;
    });
  };
  const current = matches?.[position];
  return (
    <div className={cx('flex min-h-0 flex-col gap-1', className)}>
      <JsonToolbar
        value={value}
        label={label}
        text={text}
        onText={(next) => {
          setText(next);
          setPosition(-1);
        }}
        matches={matches?.length}
        position={position}
        onPosition={reveal}
        onOpenAll={(isOpen) => setOpen(allOpen(value, isOpen))}
      />
      <JsonTree
        label={label}
        rows={rows}
        root={root}
        matches={matchIds}
        target={current && pointerOf(current)}
        onToggle={toggle}
      />
    </div>
  );
}

/** Opening all stops at so many lines, so that a large value stays handy. */
const MOST_LINES = 20_000;

/** Everything open, level by level until it is enough; or everything but the value itself closed. */
function allOpen(value: JsonValue, isOpen: boolean): OpenState {
  const state = new Map<string, boolean>();
  if (!isOpen) {
    for (const row of rowsOf(value, new Map([['', true]]))) if (row.depth > 0) state.set(row.id, false);
    return state;
  }
  for (;;) {
    const closed = rowsOf(value, state).filter((row) => row.expandable && !row.open);
    if (closed.length === 0 || state.size > MOST_LINES) return state;
    for (const row of closed.slice(0, MOST_LINES)) state.set(row.id, true);
  }
}
