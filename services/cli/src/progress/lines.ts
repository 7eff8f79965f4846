import type { LogEvent } from '@millrace/contracts';
import type { Style } from '../render/style.js';
import { clean, pad, truncate, width } from '../render/text.js';
import { formatClock, formatDuration } from '../render/time.js';
import { settledCount, type Board, type Row, type RowStatus } from './board.js';

interface Look {
  readonly glyph: string;
  readonly paint: keyof Style;
}

const ROW_LOOK: Record<RowStatus, Look> = {
  running: { glyph: '●', paint: 'cyan' },
  sleeping: { glyph: '◷', paint: 'yellow' },
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
  const total = board.stepsTotal ?? board.rows.size;
  const parts = [`${settledCount(board)}/${total} steps`];
  if (board.startedAt !== undefined) parts.push(formatDuration((board.endedAt ?? now) - board.startedAt));
  if (board.note !== undefined) parts.push(clean(board.note));
  const room = columns - width(`? ${board.status}  `);
  return `${statusText(board.status, style)}  ${truncate(parts.join('  '), room)}`;
}

/** One line per step, cut to the columns of the terminal, names aligned to `nameColumns`. */
export function rowLine(row: Row, style: Style, columns: number, nameColumns: number, now: number): string {
  const { glyph, paint } = ROW_LOOK[row.status];
  const active = row.status === 'running' || row.status === 'sleeping';
  const elapsed = active && row.startedAt !== undefined ? now - row.startedAt : row.durationMs;
  const details = [pad(elapsed === undefined ? '' : formatDuration(elapsed), 7)];
  if (row.progress !== undefined) details.push(`${row.progress}%`);
  if (row.attempt > 1) details.push(`attempt ${row.attempt}`);
  if (row.note !== undefined) details.push(clean(row.note));
  const name = pad(truncate(clean(row.name), nameColumns), nameColumns);
  const room = columns - 4 - nameColumns - 2;
  return `  ${style[paint](glyph)} ${name}  ${style.dim(truncate(details.join('  ').trimEnd(), room))}`;
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
