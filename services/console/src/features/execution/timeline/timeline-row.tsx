import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { STATUS_LOOKS, StatusIcon } from '@/components/status';
import { Badge } from '@/components/ui/badge';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';
import type { ExecutionView } from '../live/view';
import { Bars } from './bars';
import type { TimelineRow } from './rows';
import type { Scale } from './scale';
import { segmentsOf, type Segment } from './segments';

interface RowProps {
  row: TimelineRow;
  view: ExecutionView;
  scale: Scale;
  nowMs: number;
  /** Width of the names, in pixels. */
  namesPx: number;
  isSelected: boolean;
  onSelect: (row: TimelineRow) => void;
  onToggle: (key: string) => void;
}

/** One line: the name at the left, its bars beside it. Both are one thing to press. */
export function TimelineRowView(props: RowProps) {
  const { row, view, scale, nowMs, namesPx, isSelected, onSelect, onToggle } = props;
  const segments = segmentsOfRow(row, view, nowMs);
  const took = durationOf(segments);
  const end = segments.at(-1);
  const labelAt = end === undefined ? 0 : scale.position(end.toMs);
  const words = took === undefined ? '' : `, ${formatDuration(took)}`;
  return (
    <div className={cx('relative flex h-7 items-stretch hover:bg-hover', isSelected && 'bg-accent-soft')}>
      <div
        className="flex shrink-0 items-center gap-1 border-r border-line pr-2 text-12"
        style={{ width: namesPx, paddingLeft: 4 + row.depth * 14 }}
      >
        {row.expandable ? (
          <button
            type="button"
            aria-expanded={row.open}
            aria-label={`${row.open ? 'Close' : 'Open'} ${row.label}`}
            onClick={() => onToggle(row.key)}
            className="relative z-10 flex size-5 shrink-0 items-center justify-center rounded-control text-muted hover:text-ink"
          >
            <ChevronRight
              aria-hidden
              className={cx('size-3 transition-transform duration-120', row.open && 'rotate-90')}
            />
          </button>
        ) : (
          <span className="w-5 shrink-0" />
        )}
        <StatusIcon status={row.status} className="size-3.5" />
        <Name row={row} isSelected={isSelected} words={words} onSelect={onSelect} />
        <Counts row={row} view={view} />
      </div>
      <div className="relative mx-2 min-w-0 flex-1 overflow-hidden">
        <Bars segments={segments} status={row.status} scale={scale} nowMs={nowMs} />
        {took !== undefined && !(end?.kind === 'backoff' && end.isOpen) && (
          <span
            className="pointer-events-none absolute top-1/2 -translate-y-1/2 whitespace-nowrap px-1 text-11 text-muted"
            style={
              labelAt > 0.85
                ? { right: `${(1 - scale.position(segments[0]?.fromMs ?? 0)) * 100}%` }
                : { left: `${labelAt * 100}%` }
            }
          >
            {formatDuration(took)}
          </span>
        )}
      </div>
    </div>
  );
}

const NAME =
  'min-w-0 flex-1 truncate text-left after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-[-2px] focus-visible:after:outline-accent';

interface NameProps extends Pick<RowProps, 'row' | 'isSelected' | 'onSelect'> {
  words: string;
}

function Name({ row, isSelected, words, onSelect }: NameProps) {
  const status = STATUS_LOOKS[row.status].word;
  if (row.type === 'child') {
    return (
      <Link
        to="/executions/$executionId"
        params={{ executionId: row.execution.execution_id }}
        aria-label={`Execution ${row.label}, ${status}${words}`}
        className={cx(NAME, 'font-mono text-11 text-accent')}
      >
        {row.label}
      </Link>
    );
  }
  return (
    <button
      type="button"
      aria-label={`${row.label}, ${status}${words}`}
      aria-pressed={isSelected}
      data-row={row.key}
      onClick={() => onSelect(row)}
      className={cx(NAME, row.type === 'iteration' && 'text-muted')}
    >
      {row.label}
    </button>
  );
}

function Counts({ row, view }: Pick<RowProps, 'row' | 'view'>) {
  if (row.type !== 'step') return null;
  const { iterations, attempts, stepId, reusedFrom } = row.step;
  const most = view.structure.get(stepId)?.maxAttempts ?? 1;
  return (
    <>
      {iterations && (
        <Badge>
          {iterations.ended}/{iterations.total ?? '?'}
        </Badge>
      )}
      {attempts > 1 && (
        <Badge>
          {attempts}/{Math.max(most, attempts)}
        </Badge>
      )}
      {reusedFrom !== null && <Badge>reused</Badge>}
    </>
  );
}

/** An iteration is one bar around its steps, a child execution one of its own. */
export function segmentsOfRow(row: TimelineRow, view: ExecutionView, nowMs: number): Segment[] {
  switch (row.type) {
    case 'step':
      return segmentsOf(row.step, view, nowMs);
    case 'iteration': {
      const starts = row.steps.flatMap(({ startedAtMs }) => startedAtMs ?? []);
      if (starts.length === 0) return [];
      const isOpen = row.status === 'running' || row.status === 'waiting';
      const ends = row.steps.flatMap(({ completedAtMs }) => completedAtMs ?? []);
      return [bar(Math.min(...starts), isOpen ? nowMs : Math.max(...starts, ...ends), isOpen)];
    }
    case 'child': {
      const { started_at: from, completed_at: to } = row.execution;
      if (from === null) return [];
      return [bar(Date.parse(from), to === null ? nowMs : Date.parse(to), to === null)];
    }
  }
}

const bar = (fromMs: number, toMs: number, isOpen: boolean): Segment => ({
  ...{ kind: 'running', attempt: 1, hasFailed: false },
  ...{ fromMs, toMs: Math.max(fromMs, toMs), isOpen },
});

/** From the first start to the end, without the time before it began. */
function durationOf(segments: readonly Segment[]): number | undefined {
  const first = segments.find(({ kind }) => kind !== 'queued' && kind !== 'dispatched');
  const last = segments.findLast(({ kind }) => kind !== 'backoff');
  if (first === undefined || last === undefined) return undefined;
  return Math.max(0, last.toMs - first.fromMs);
}
