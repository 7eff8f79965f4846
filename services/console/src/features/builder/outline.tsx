import { ChevronDown, ChevronRight, Ellipsis } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { Chip } from '@/features/canvas/chip';
import { titleOf } from '@/features/canvas/describe';
import { identityOfNode } from '@/features/canvas/identity';
import { cx } from '@/lib/classes';
import { outlineRows, type OutlineRow } from './outline-rows';
import { showStep, useBuilder } from './store';
import { openMenu } from './view';

interface OutlineProps {
  problems: ReadonlyMap<string, readonly string[]>;
}

/** The workflow without a canvas: every step, where it leads, and everything that can be done with it. */
export function Outline({ problems }: OutlineProps) {
  const document = useBuilder((state) => state.document);
  const selected = useBuilder((state) => state.selection.nodes);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const tree = useRef<HTMLUListElement>(null);
  const rows = outlineRows(document, closed);
  const current = rows.find(({ node }) => selected.has(node.id))?.node.id ?? rows[0]?.node.id;

  const toggle = (id: string, open: boolean): void => {
    setClosed((before) => {
      const after = new Set(before);
      if (open) after.delete(id);
      else after.add(id);
      return after;
    });
  };
  const go = (row: OutlineRow | undefined): void => {
    if (!row) return;
    showStep(row.node.id);
    tree.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(row.node.id)}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent, row: OutlineRow, at: number): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(rows[at + 1]),
      ArrowUp: () => go(rows[at - 1]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () => (row.isOpen === false ? toggle(row.node.id, true) : go(rows[at + 1])),
      ArrowLeft: () =>
        row.isOpen === true
          ? toggle(row.node.id, false)
          : go(rows.findLast((one, i) => i < at && one.level < row.level)),
      Enter: () => showStep(row.node.id, ['data', 'label']),
      ' ': () => showStep(row.node.id),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };

  if (rows.length === 0) return <p className="p-3 text-12 text-muted">No steps yet.</p>;
  return (
    <ul
      ref={tree}
      role="tree"
      aria-label="Outline"
      data-canvas-keys
      className="min-h-0 flex-1 overflow-y-auto p-1"
    >
      {rows.map((row, at) => (
        <Row
          key={row.node.id}
          row={row}
          isSelected={selected.has(row.node.id)}
          isTabStop={row.node.id === current}
          problems={problems.get(row.node.id) ?? []}
          onKeyDown={(event) => onKey(event, row, at)}
          onToggle={() => toggle(row.node.id, row.isOpen !== true)}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  row: OutlineRow;
  isSelected: boolean;
  isTabStop: boolean;
  problems: readonly string[];
  onKeyDown: (event: KeyboardEvent) => void;
  onToggle: () => void;
}

function Row({ row, isSelected, isTabStop, problems, onKeyDown, onToggle }: RowProps) {
  const { node, level, position, siblings, isOpen, leadsTo } = row;
  const { title } = identityOfNode(node);
  const showMenu = (at: { x: number; y: number }): void => {
    showStep(node.id);
    openMenu({ target: { type: 'node', id: node.id }, at });
  };
  const words = [
    titleOf(node),
    title,
    node.data.disabled ? 'off' : '',
    leadsTo === '' ? 'leads nowhere' : `leads to ${leadsTo}`,
    problems.length > 0 ? `problem: ${problems.join('; ')}` : '',
  ].filter((part) => part !== '');
  return (
    <li
      role="treeitem"
      data-step={node.id}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={isOpen}
      aria-label={words.join(', ')}
      tabIndex={isTabStop ? 0 : -1}
      onKeyDown={onKeyDown}
      onClick={() => showStep(node.id)}
      onContextMenu={(event) => {
        event.preventDefault();
        showMenu({ x: event.clientX, y: event.clientY });
      }}
      className={cx(
        'group flex h-8 cursor-default items-center gap-1.5 rounded-control pr-1 text-13 hover:bg-hover',
        isSelected && 'bg-accent-soft',
        node.data.disabled && 'line-through opacity-60',
      )}
      style={{ paddingLeft: (level - 1) * 16 + 4 }}
    >
      <span
        aria-hidden
        className="flex size-4 shrink-0 items-center justify-center text-muted"
        onClick={(event) => {
          event.stopPropagation();
          if (isOpen !== undefined) onToggle();
        }}
      >
        {isOpen === true && <ChevronDown className="size-3.5" />}
        {isOpen === false && <ChevronRight className="size-3.5" />}
      </span>
      <Chip identity={identityOfNode(node)} size={20} />
      <span className={cx('min-w-0 flex-1 truncate', problems.length > 0 && 'text-failed')}>
        {titleOf(node)}
      </span>
      {leadsTo !== '' && (
        // Drawn and not written: the name of the row says it in words.
        <span
          aria-hidden
          data-to={`→ ${leadsTo}`}
          className="max-w-24 truncate text-11 text-muted before:content-[attr(data-to)]"
        />
      )}
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Actions of ${titleOf(node)}`}
        className="flex size-6 items-center justify-center rounded-control text-muted hover:bg-line"
        onClick={(event) => {
          event.stopPropagation();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          showMenu({ x: left, y: bottom });
        }}
      >
        <Ellipsis aria-hidden className="size-4" />
      </button>
    </li>
  );
}
