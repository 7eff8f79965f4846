import type { LogEvent } from '@millrace/contracts';
import type { Style } from '../render/style.js';
import { clean, pad, truncate, width } from '../render/text.js';
import { formatClock, formatDuration } from '../render/time.js';
import { settledCount, type Board } from './board.js';
import type { Row, RowStatus } from './row.js';

interface Look {
  readonly glyph: string;
  readonly paint: keyof Style;
}

const ROW_LOOK: Record<RowStatus, Look> = {
  running: { glyph: '●', paint: 'cyan' },
  sleeping: { glyph: '◷', paint: 'yellow' },
  waiting: { glyph: '◷', paint: 'yellow' },
  retrying: { glyph: '↻', paint: 'yellow' },
  completed: { glyph: '✓', paint: 'green' },
  failed: { glyph: '✗', paint: 'red' },
  skipped: { glyph: '–', paint: 'dim' },
  reused: { glyph: '⤼', paint: 'green' },
  discarded: { glyph: '⊘', paint: 'dim' },
};

const STATUS_LOOK: Record<Board['status'], Look> = {
  queued: { glyph: '○', paint: 'dim' },
  running: { glyph: '●', paint: 'cyan' },
  waiting: { glyph: '◷', paint: 'yellow' },
  paused: { glyph: '‖', paint: 'yellow' },
  completed: { glyph: '✓', paint: 'green' },
  failed: { glyph: '✗', paint: 'red' },
  cancelled: { glyph: '⊘', paint: 'yellow' },
  timed_out: { glyph: '⧖', paint: 'red' },
};

export function statusText(status: Board['status'], style: Style): string {
  const look = STATUS_LOOK[status];
  return style[look.paint](`${look.glyph} ${status}`);
}

/** `● running  3/10 steps  1.2s  waiting until …`: the execution in one line. */
export function headLine(board: Board, style: Style, columns: number, now: number): string {
  const counted = [...board.rows.values()].filter((row) => !row.isUncounted).length;
  const total = board.stepsTotal ?? counted;
  const parts = [`${settledCount(board)}/${total} steps`];
  if (board.startedAt !== undefined) parts.push(formatDuration((board.endedAt ?? now) - board.startedAt));
  if (board.note !== undefined) parts.push(clean(board.note));
  const room = columns - width(`? ${board.status}  `);
  return `${statusText(board.status, style)}  ${truncate(parts.join('  '), room)}`;
}

/** `12/40` of a step in a body: its iterations that are over, of those there will be as far as that is known. */
function counterOf({ tasks }: Row, owner: Row | undefined): string | undefined {
  if (tasks === undefined) return undefined;
  const total = owner?.planned ?? undefined;
  const counter = total === undefined ? String(tasks.settled) : `${tasks.settled}/${total}`;
  return tasks.failed === 0 ? counter : `${counter} (${tasks.failed} failed)`;
}

/** What a row's name takes: steps of a body stand a little to the right of the step that has it. */
export function nameOf(row: Row): string {
  return `${'  '.repeat(row.tasks === undefined ? 0 : row.depth)}${clean(row.name)}`;
}

/** One line per step, cut to the columns of the terminal, names aligned to `nameColumns`. */
export function rowLine(row: Row, { style, columns, nameColumns, now, rows }: RowPlace): string {
  const { glyph, paint } = ROW_LOOK[row.status];
  const active = row.status === 'running' || row.status === 'sleeping' || row.status === 'waiting';
  const elapsed = active && row.startedAt !== undefined ? now - row.startedAt : row.durationMs;
  const details = [pad(elapsed === undefined ? '' : formatDuration(elapsed), 7)];
  const counter = counterOf(row, row.owner === undefined ? undefined : rows.get(row.owner));
  if (counter !== undefined) details.push(counter);
  if (row.progress !== undefined) details.push(`${row.progress}%`);
  if (row.attempt > 1) details.push(`attempt ${row.attempt}`);
  if (row.note !== undefined) details.push(clean(row.note));
  const name = pad(truncate(nameOf(row), nameColumns), nameColumns);
  const room = columns - 4 - nameColumns - 2;
  return `  ${style[paint](glyph)} ${name}  ${style.dim(truncate(details.join('  ').trimEnd(), room))}`;
}

interface RowPlace {
  style: Style;
  columns: number;
  nameColumns: number;
  now: number;
  rows: Board['rows'];
}

/** An event as one line of a log, for output that is not a terminal. */
export function eventLine(event: LogEvent, row: Row | undefined, board: Board, style: Style): string {
  const clock = style.dim(formatClock(event.timestamp));
  if (row === undefined) {
    const note = board.note === undefined ? '' : `  ${clean(board.note)}`;
    const look = STATUS_LOOK[board.status];
    return `${clock} ${style[look.paint](`${look.glyph} ${event.type}`)}${note}`;
  }
  const { glyph, paint } = ROW_LOOK[row.status];
  const parts: string[] = [`${style[paint](glyph)} ${clean(row.name)}`, row.status];
  if (row.durationMs !== undefined) parts.push(formatDuration(row.durationMs));
  if (row.attempt > 1) parts.push(`attempt ${row.attempt}`);
  if (row.note !== undefined) parts.push(clean(row.note));
  return `${clock} ${parts.join('  ')}`;
}
