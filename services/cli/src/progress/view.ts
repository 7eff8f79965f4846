import type { StreamFrame } from '@millrace/client';
import { isEventFrame } from '@millrace/client';
import type { Io } from '../io.js';
import { styleFor, type Style } from '../render/style.js';
import { width } from '../render/text.js';
import { EMPTY_BOARD, advance, advanceTransient, orderedRows, readEvent, type Board } from './board.js';
import { eventLine, headLine, nameOf, rowLine } from './lines.js';
import { isOpen } from './row.js';

/** Shows an execution as its frames come. */
export interface View {
  show(frame: StreamFrame): void;
  /** A remark between the lines: a lost connection, say. */
  remark(text: string): void;
  /** Leaves the last state on the screen; nothing may be shown afterwards. Tolerates being called twice. */
  stop(): void;
}

/** In place on a terminal, line by line elsewhere. `owners`: of steps in bodies, the step whose body it is. */
export function createView(io: Io, owners: Board['owners'] = new Map()): View {
  const style = styleFor(io.stderr, io.env);
  const isLive = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb';
  return isLive ? liveView(io, style, { owners }) : plainView(io, style);
}

export function plainView(io: Pick<Io, 'stderr'>, style: Style): View {
  let board = EMPTY_BOARD;
  return {
    show(frame) {
      const event = isEventFrame(frame) ? readEvent(frame) : undefined;
      if (event === undefined) return;
      board = advance(board, event);
      io.stderr.write(`${eventLine(event, board.latest, board, style)}\n`);
    },
    remark: (text) => void io.stderr.write(`${style.yellow(text)}\n`),
    stop: () => undefined,
  };
}

/** Often enough for running clocks, seldom enough for a slow terminal. */
const REDRAW_MS = 100;

/** One line per step, redrawn in place. More steps than the terminal has rows: the unfinished and the latest. */
export function liveView(
  io: Pick<Io, 'stderr'>,
  style: Style,
  { now = Date.now, owners = new Map() }: { now?: () => number; owners?: Board['owners'] } = {},
): View {
  let board: Board = { ...EMPTY_BOARD, owners };
  let drawn = 0;
  let last = '';
  let stopped = false;
  const { stderr } = io;

  const draw = (limit: number): void => {
    const lines = boardLines(board, style, (stderr.columns ?? 80) - 1, limit, now());
    const text = lines.join('\n');
    // An execution that waits for an hour needs no new picture ten times a second.
    if (text === last && drawn > 0) return;
    last = text;
    const back = drawn > 0 ? `\u{1b}[${drawn}A` : '';
    stderr.write(`${back}\u{1b}[0J${text}\n`);
    drawn = lines.length;
  };
  const redraw = (): void => draw(Math.max(1, (stderr.rows ?? 24) - 2));
  const timer = setInterval(redraw, REDRAW_MS);
  redraw();
  return {
    show(frame) {
      const event = isEventFrame(frame) ? readEvent(frame) : undefined;
      if (event !== undefined) board = advance(board, event);
      else if (!isEventFrame(frame)) board = advanceTransient(board, frame);
    },
    remark(text) {
      stderr.write(`${drawn > 0 ? `\u{1b}[${drawn}A\u{1b}[0J` : ''}${style.yellow(text)}\n`);
      drawn = 0;
      redraw();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      draw(Number.POSITIVE_INFINITY);
    },
  };
}

const MAX_NAME_COLUMNS = 40;

/** The head line and as many steps as `limit` lines hold. */
export function boardLines(
  board: Board,
  style: Style,
  columns: number,
  limit: number,
  now: number,
): string[] {
  const rows = orderedRows(board);
  const nameColumns = Math.min(MAX_NAME_COLUMNS, Math.max(0, ...rows.map((row) => width(nameOf(row)))));
  const room = limit - 1;
  let shown = rows;
  let hidden = 0;
  if (rows.length > room) {
    const open = rows.filter((row) => isOpen(row.status));
    const kept = new Set(
      [...rows.filter((row) => !open.includes(row)), ...open].slice(-Math.max(0, room - 1)),
    );
    shown = rows.filter((row) => kept.has(row));
    hidden = rows.length - shown.length;
  }
  const place = { style, columns, nameColumns, now, rows: board.rows };
  const lines = shown.map((row) => rowLine(row, place));
  const more = hidden > 0 ? [style.dim(`  … ${hidden} more steps`)] : [];
  return [headLine(board, style, columns, now), ...more, ...lines];
}
