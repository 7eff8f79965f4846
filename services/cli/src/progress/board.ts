import {
  isTerminal,
  parseLogEvent,
  type EventFrame,
  type ExecutionStatus,
  type LogEvent,
  type TransientFrame,
} from '@millrace/contracts';
import { groupAfter, isOpen, rowAfter, type Row, type StepEvent } from './row.js';

/** What is known of an execution from its events so far. */
export interface Board {
  readonly status: ExecutionStatus;
  readonly note: string | undefined;
  readonly stepsTotal: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** By step. The steps of a body have one row for all iterations. */
  readonly rows: ReadonlyMap<string, Row>;
  /** What the latest event says of its step and iteration alone; undefined when it was about none. */
  readonly latest: Row | undefined;
  /** Of steps in bodies: the step whose body it is, as the definition has it. */
  readonly owners: ReadonlyMap<string, string>;
  /** Steps of `on_failure` follow, which are not among the total. */
  readonly isFailing: boolean;
}

export const EMPTY_BOARD: Board = {
  status: 'queued',
  note: undefined,
  stepsTotal: undefined,
  startedAt: undefined,
  endedAt: undefined,
  rows: new Map(),
  latest: undefined,
  owners: new Map(),
  isFailing: false,
};

/** The event with the data of its type, or undefined when a newer server wrote what this version does not know. */
export function readEvent(frame: EventFrame): LogEvent | undefined {
  try {
    return parseLogEvent(frame);
  } catch {
    return undefined;
  }
}

/** The board after an event. */
export function advance(board: Board, event: LogEvent): Board {
  if (isStepEvent(event)) return withRow(board, event, Date.parse(event.timestamp));
  return { ...withStatus(board, event, Date.parse(event.timestamp)), latest: undefined };
}

function isStepEvent(event: LogEvent): event is StepEvent & LogEvent {
  return 'step_id' in event.data;
}

function withStatus(board: Board, event: Exclude<LogEvent, StepEvent>, at: number): Board {
  switch (event.type) {
    case 'queued':
      return { ...board, startedAt: at };
    case 'started':
      return { ...board, status: 'running', note: undefined, stepsTotal: event.data.steps_total };
    case 'resumed':
      return { ...board, status: 'running', note: undefined };
    case 'waiting':
      return { ...board, status: 'waiting', note: waitNote(event.data.wake_at, event.data.step_ids) };
    case 'paused':
      return { ...board, status: 'paused', note: `by ${event.data.by}` };
    case 'failing': {
      const { status, error } = event.data;
      return { ...board, isFailing: true, note: `on_failure runs, then ${status}: ${error.message}` };
    }
    case 'completed':
      return { ...board, status: 'completed', note: undefined, endedAt: at };
    case 'failed':
    case 'timed_out':
      return { ...board, status: event.type, note: failureNote(event.data), endedAt: at };
    case 'cancelled':
      return { ...board, status: 'cancelled', note: cancelNote(event.data), endedAt: at };
  }
}

function withRow(board: Board, event: StepEvent, at: number): Board {
  const { step_id: id, iteration } = event.data;
  const rows = new Map(board.rows);
  const before = rows.get(id);
  if (iteration === undefined) {
    const row = { ...rowAfter(before, event, at), isUncounted: before?.isUncounted ?? board.isFailing };
    rows.set(id, row);
    return { ...board, rows, latest: row };
  }
  const task = rowAfter(undefined, event, at);
  const owner = board.owners.get(id) ?? before?.owner ?? guessOwner(board, id, iteration);
  rows.set(id, { ...groupAfter(before, task, { ...event, at, owner }), isUncounted: true });
  return { ...board, rows, latest: task };
}

/** Without the definition: the latest step with a body that is under way at that depth. */
function guessOwner({ rows }: Board, id: string, iteration: string): string | undefined {
  const depth = iteration.split('.').length - 1;
  const candidates = [...rows].filter(
    ([key, row]) => key !== id && row.planned !== undefined && row.depth === depth && isOpen(row.status),
  );
  return candidates.at(-1)?.[0];
}

/** The board after a transient frame: only a running step's percentage counts here. */
export function advanceTransient(board: Board, frame: TransientFrame): Board {
  const { step_id: stepId, progress, iteration } = frame.data;
  if (frame.type !== 'progress' || typeof stepId !== 'string' || typeof progress !== 'number') return board;
  const row = board.rows.get(stepId);
  // One of many iterations says nothing about their step as a whole.
  if (row?.status !== 'running' || iteration !== undefined) return board;
  return { ...board, rows: new Map(board.rows).set(stepId, { ...row, progress }) };
}

/** Steps of the workflow itself that need no more work. */
export function settledCount(board: Board): number {
  return [...board.rows.values()].filter((row) => !row.isUncounted && !isOpen(row.status)).length;
}

/** The rows as they are drawn: the steps of a body below the step that has it. */
export function orderedRows({ rows }: Board): Row[] {
  const below = new Map<string | undefined, string[]>();
  for (const [id, { owner }] of rows) {
    const key = owner !== undefined && rows.has(owner) ? owner : undefined;
    below.set(key, [...(below.get(key) ?? []), id]);
  }
  const ordered: Row[] = [];
  const add = (id: string): void => {
    const row = rows.get(id);
    if (row) ordered.push(row);
    below.get(id)?.forEach(add);
  };
  below.get(undefined)?.forEach(add);
  return ordered;
}

export function isOver(board: Board): boolean {
  return isTerminal(board.status);
}

function waitNote(wakeAt: string | null, stepIds: readonly string[]): string {
  const names = [...new Set(stepIds)];
  const what = names.length === 0 ? '' : ` in ${names.join(', ')}`;
  return wakeAt === null ? `for a signal${what}` : `until ${wakeAt}${what}`;
}

function failureNote({
  error,
  on_failure: handler,
}: Extract<LogEvent, { type: 'failed' | 'timed_out' }>['data']): string {
  if (handler === undefined) return error.message;
  const outcome = handler.ok ? 'completed' : `failed: ${handler.error?.message ?? 'no reason given'}`;
  return `${error.message}; on_failure ${outcome}`;
}

function cancelNote(data: { by: string; reason?: string | undefined; uncertain_steps: string[] }): string {
  const reason = data.reason === undefined ? '' : `: ${data.reason}`;
  const uncertain =
    data.uncertain_steps.length === 0 ? '' : `; outcome unknown of ${data.uncertain_steps.join(', ')}`;
  return `by ${data.by}${reason}${uncertain}`;
}
