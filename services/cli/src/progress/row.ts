import type { LogEvent, Wait } from '@millrace/contracts';

export type RowStatus =
  | 'running'
  | 'sleeping'
  | 'waiting'
  | 'retrying'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'reused'
  | 'discarded';

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
  /** How many bodies it is in. */
  readonly depth: number;
  /** The step whose body it is in. */
  readonly owner: string | undefined;
  /** Of a step with a body: its iterations so far, of all the places it has begun in; null where only the end tells. */
  readonly planned: number | null | undefined;
  /** Of a step in a body. */
  readonly tasks: Tasks | undefined;
  /** Not one of the steps that an execution counts: it is in a body, or in `on_failure`. */
  readonly isUncounted: boolean;
}

/** One step in all iterations of a body. */
export interface Tasks {
  readonly settled: number;
  readonly failed: number;
  readonly open: ReadonlyMap<string, RowStatus>;
}

export type StepEvent = Extract<LogEvent, { data: { step_id: string } }>;

const OPEN: ReadonlySet<RowStatus> = new Set(['running', 'sleeping', 'waiting', 'retrying']);

export function isOpen(status: RowStatus): boolean {
  return OPEN.has(status);
}

/** What an event says of its step, in its iteration. */
export function rowAfter(previous: Row | undefined, event: StepEvent, at: number): Row {
  const { step_name, step_id, iteration, attempt } = event.data;
  const row = {
    name: `${step_name || step_id}${iteration === undefined ? '' : ` [${iteration}]`}`,
    attempt,
    startedAt: previous?.startedAt,
    ...{ durationMs: undefined, progress: undefined, note: undefined, owner: undefined, tasks: undefined },
    depth: iteration === undefined ? 0 : iteration.split('.').length,
    planned: previous?.planned,
    isUncounted: false,
  };
  switch (event.type) {
    case 'step_started':
      return { ...row, startedAt: at, ...startOf(event.data) };
    case 'step_waiting':
      return { ...row, status: 'waiting', note: waitNoteOf(event.data.wait) };
    case 'step_iterating':
      return { ...row, status: 'running', note: `turn ${event.data.index + 1}`, planned: null };
    case 'step_part_ended': {
      const { part, error } = event.data;
      const note = error === undefined ? 'completed' : `failed: ${error.message}`;
      return { ...row, status: 'running', note: `part ${part + 1} ${note}` };
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
    case 'step_skipped': {
      const { reason, by } = event.data;
      return { ...row, status: 'skipped', note: by === undefined ? reason : `by ${by}` };
    }
    case 'step_discarded':
      return { ...row, status: 'discarded', note: event.data.reason };
    case 'step_reused':
      return { ...row, status: 'reused', note: `from ${event.data.from_execution}` };
  }
}

type Started = Extract<StepEvent, { type: 'step_started' }>['data'];

function startOf({ due_at: due, wait, loop }: Started): Pick<Row, 'status' | 'note' | 'planned'> {
  if (wait !== undefined) {
    const until = due === undefined ? '' : `, until ${due}`;
    return { status: 'waiting', note: `${waitNoteOf(wait)}${until}`, planned: undefined };
  }
  if (loop !== undefined) {
    const { count, shard_size: size } = loop;
    const parts = count === undefined || size === undefined ? '' : ` in ${Math.ceil(count / size)} parts`;
    const note = count === undefined ? undefined : `${count} items${parts}`;
    return { status: 'running', note, planned: count ?? null };
  }
  if (due !== undefined) return { status: 'sleeping', note: `until ${due}`, planned: undefined };
  return { status: 'running', note: undefined, planned: undefined };
}

/** What a step waits for, and what somebody can do about it. */
export function waitNoteOf(wait: Wait): string {
  switch (wait.type) {
    case 'approval': {
      const whom = wait.approvers.length === 0 ? '' : ` by ${wait.approvers.join(', ')}`;
      return `for approval${whom}: ${wait.message} (millrace approvals decide …)`;
    }
    case 'event': {
      const key = wait.key === '' ? '' : ` --key ${quoted(wait.key)}`;
      return `for an event (millrace send-event ${quoted(wait.name)}${key})`;
    }
    case 'child':
      return `for an execution of ${wait.workflow_id}`;
    case 'verdict':
      return `for somebody who knows what became of it: ${wait.message} (millrace approvals decide …)`;
  }
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.:@/=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The row of a step in a body after what happened in one of its iterations. */
export function groupAfter(
  before: Row | undefined,
  task: Row,
  { data, at, owner }: { data: StepEvent['data']; at: number; owner: string | undefined },
): Row {
  const iteration = data.iteration ?? '';
  const tasks = before?.tasks ?? { settled: 0, failed: 0, open: new Map<string, RowStatus>() };
  const open = new Map(tasks.open);
  if (isOpen(task.status)) open.set(iteration, task.status);
  else open.delete(iteration);
  const settled = tasks.settled + (isOpen(task.status) ? 0 : 1);
  const failed = tasks.failed + (task.status === 'failed' ? 1 : 0);
  const isTold = task.status === 'failed' || task.status === 'waiting' || task.status === 'retrying';
  const startedAt = before?.startedAt ?? at;
  return {
    ...task,
    name: data.step_name || data.step_id,
    status: statusOf([...open.values()], failed, task.status),
    attempt: 1,
    startedAt,
    durationMs: open.size === 0 ? at - startedAt : undefined,
    note: isTold
      ? `[${iteration}] ${task.note ?? ''}`
      : failed > 0 || open.size > 0
        ? before?.note
        : undefined,
    owner,
    planned: sumOf(before?.planned, task.planned),
    tasks: { settled, failed, open },
  };
}

function statusOf(open: readonly RowStatus[], failed: number, latest: RowStatus): RowStatus {
  const first = (['running', 'retrying', 'waiting', 'sleeping'] as const).find((status) =>
    open.includes(status),
  );
  return first ?? (failed > 0 ? 'failed' : latest);
}

function sumOf(before: Row['planned'], more: Row['planned']): Row['planned'] {
  if (before === null || more === null) return null;
  return before === undefined ? more : before + (more ?? 0);
}
