import {
  isTerminal,
  parseLogEvent,
  type EventFrame,
  type ExecutionStatus,
  type LogEvent,
  type TransientFrame,
} from '@millrace/contracts';

export type RowStatus =
  'running' | 'sleeping' | 'retrying' | 'completed' | 'failed' | 'skipped' | 'reused' | 'discarded';

/** One step as the board shows it. */
export interface Row {
  readonly name: string;
  readonly status: RowStatus;
  readonly attempt: number;
  /** Epoch milliseconds by the server's clock; undefined for steps that never started. */
  readonly startedAt: number | undefined;
  readonly durationMs: number | undefined;
  /** Percent, while it runs. */
  readonly progress: number | undefined;
  /** Why it waits, retries, failed or was skipped. */
  readonly note: string | undefined;
}

/** What is known of an execution from its events so far. */
export interface Board {
  readonly status: ExecutionStatus;
  readonly note: string | undefined;
  readonly stepsTotal: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly rows: ReadonlyMap<string, Row>;
}

export const EMPTY_BOARD: Board = {
  status: 'queued',
  note: undefined,
  stepsTotal: undefined,
  startedAt: undefined,
  endedAt: undefined,
  rows: new Map(),
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
  const at = Date.parse(event.timestamp);
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
    case 'completed':
      return { ...board, status: 'completed', note: undefined, endedAt: at };
    case 'failed':
    case 'timed_out':
      return { ...board, status: event.type, note: event.data.error.message, endedAt: at };
    case 'cancelled':
      return { ...board, status: 'cancelled', note: cancelNote(event.data), endedAt: at };
    default:
      return withRow(board, event, at);
  }
}

type StepEvent = Extract<LogEvent, { data: { step_id: string } }>;

function withRow(board: Board, event: StepEvent, at: number): Board {
  const { step_id, iteration } = event.data;
  const key = iteration === undefined ? step_id : `${step_id}[${iteration}]`;
  const rows = new Map(board.rows);
  rows.set(key, rowAfter(rows.get(key), event, at));
  return { ...board, rows };
}

function rowAfter(previous: Row | undefined, event: StepEvent, at: number): Row {
  const { step_name, step_id, iteration, attempt } = event.data;
  const name = `${step_name || step_id}${iteration === undefined ? '' : ` [${iteration}]`}`;
  const startedAt = previous?.startedAt;
  const row = { name, attempt, startedAt, durationMs: undefined, progress: undefined, note: undefined };
  switch (event.type) {
    case 'step_started': {
      const due = event.data.due_at;
      if (due === undefined) return { ...row, status: 'running', startedAt: at };
      return { ...row, status: 'sleeping', startedAt: at, note: `until ${due}` };
    }
    case 'step_completed': {
      const branch = event.data.branch;
      const note = branch === undefined ? undefined : `→ ${branch}`;
      return { ...row, status: 'completed', durationMs: event.data.duration_ms, note };
    }
    case 'step_failed': {
      const { error, duration_ms, handling } = event.data;
      const handled = handling === 'fail' ? '' : ` (handled: ${handling})`;
      return { ...row, status: 'failed', durationMs: duration_ms, note: `${error.message}${handled}` };
    }
    case 'step_retrying': {
      const { error, duration_ms, next_attempt, retry_at } = event.data;
      const note = `attempt ${next_attempt} at ${retry_at}: ${error.message}`;
      return { ...row, status: 'retrying', durationMs: duration_ms, note };
    }
    case 'step_skipped':
      return { ...row, status: 'skipped', note: event.data.reason };
    case 'step_discarded':
      return { ...row, status: 'discarded', note: event.data.reason };
    case 'step_reused':
      return { ...row, status: 'reused', note: `from ${event.data.from_execution}` };
  }
}

/** The board after a transient frame: only a running step's percentage counts here. */
export function advanceTransient(board: Board, frame: TransientFrame): Board {
  const { step_id: stepId, progress } = frame.data;
  if (frame.type !== 'progress' || typeof stepId !== 'string' || typeof progress !== 'number') return board;
  const row = board.rows.get(stepId);
  if (row?.status !== 'running') return board;
  return { ...board, rows: new Map(board.rows).set(stepId, { ...row, progress }) };
}

/** Steps that need no more work. */
export function settledCount(board: Board): number {
  const open: readonly RowStatus[] = ['running', 'sleeping', 'retrying'];
  return [...board.rows.values()].filter((row) => !open.includes(row.status)).length;
}

export function isOver(board: Board): boolean {
  return isTerminal(board.status);
}

function waitNote(wakeAt: string | null, stepIds: readonly string[]): string {
  const what = stepIds.length === 0 ? '' : ` in ${stepIds.join(', ')}`;
  return wakeAt === null ? `for a signal${what}` : `until ${wakeAt}${what}`;
}

function cancelNote(data: { by: string; reason?: string | undefined; uncertain_steps: string[] }): string {
  const reason = data.reason === undefined ? '' : `: ${data.reason}`;
  const uncertain =
    data.uncertain_steps.length === 0 ? '' : `; outcome unknown of ${data.uncertain_steps.join(', ')}`;
  return `by ${data.by}${reason}${uncertain}`;
}
