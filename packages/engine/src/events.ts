/** Constructors of every event, so that no shell puts event data together by hand. All are pure and do not fold. */
import type {
  AnswerPayload,
  BlobReference,
  EventData,
  ExecutionError,
  JsonValue,
  LoopPlan,
  NewEvent,
  Usage,
  Wait,
} from '@millrace/contracts';
import { STEP_ERROR_CODES } from './retry.js';
import { underWay } from './state/frames.js';
import { percent } from './state/progress.js';
import type { EpochMs, ExecutionState, SkipReason, StepState } from './state/state.js';

export type EventOf<T extends NewEvent['type']> = Extract<NewEvent, { type: T }>;

export function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}

interface StepBase {
  step_id: string;
  step_name: string;
  kind: string;
  attempt: number;
  progress: number;
  iteration?: string;
}

/** What every event of a step says. The fields are written one by one: spreading them would cost a fifth of a fold. */
export function base({ step, frame }: StepState, attempt: number, progress: number): StepBase {
  const data: StepBase = {
    step_id: step.id,
    step_name: step.name,
    kind: step.kind,
    attempt,
    progress,
  };
  if (frame.iteration !== null) data.iteration = frame.iteration;
  return data;
}

/** Only a step of the workflow itself brings it forward. */
function percentAfter(state: ExecutionState, { frame }: StepState): number {
  return percent(state, frame === state.root ? 1 : 0);
}

export function queuedEvent(data: EventData<'queued'>): EventOf<'queued'> {
  return { type: 'queued', data };
}

export function executionStarted(state: ExecutionState, workerId: string): EventOf<'started'> {
  return { type: 'started', data: { worker_id: workerId, steps_total: state.root.steps.length } };
}

/** Also for a worker that takes over a running execution from a dead one. */
export function resumedEvent(workerId: string, by?: string): EventOf<'resumed'> {
  return { type: 'resumed', data: { worker_id: workerId, ...(by !== undefined && { by }) } };
}

export function pausedEvent(by: string): EventOf<'paused'> {
  return { type: 'paused', data: { by } };
}

/** Before the workflow's `on_failure` runs. */
export function failingEvent(data: EventData<'failing'>): EventOf<'failing'> {
  return { type: 'failing', data };
}

/** The answer to a `suspend` command: the slot is given back until `wakeAt` or a signal. */
export function waitingEvent(wakeAt: EpochMs | null, stepIds: readonly string[]): EventOf<'waiting'> {
  return { type: 'waiting', data: { wake_at: wakeAt === null ? null : iso(wakeAt), step_ids: [...stepIds] } };
}

/** A dead worker's attempt is as unknown as one that is being stopped, also while a person is asked about it. */
function hasUnknownEffect({ step, status, wait }: StepState): boolean {
  return step.purity === 'effectful' && (status === 'running' || wait?.type === 'verdict');
}

/** Names the effectful steps whose attempt has begun and left no result: whether its effect happened is unknown. */
export function cancelledEvent(
  state: ExecutionState,
  { by, reason }: { readonly by: string; readonly reason?: string | undefined },
): EventOf<'cancelled'> {
  const { frame } = state.handler ?? { frame: state.root };
  const uncertain = underWay(frame).filter(hasUnknownEffect);
  return {
    type: 'cancelled',
    data: {
      by,
      ...(reason === undefined ? {} : { reason }),
      uncertain_steps: [...new Set(uncertain.map(({ step }) => step.id))],
    },
  };
}

export function timeoutError(what: 'step' | 'execution' | 'on_failure', limitMs: number): ExecutionError {
  const code = what === 'step' ? STEP_ERROR_CODES.timeout : STEP_ERROR_CODES.executionTimeout;
  const message = `The ${what} ran longer than its limit of ${limitMs / 1_000} seconds`;
  return { code, message, fault: what === 'step' ? 'remote' : 'workflow', retryable: what === 'step' };
}

type HandlerOutcome = EventData<'failed'>['on_failure'];

export function timedOutEvent(error: ExecutionError, onFailure?: HandlerOutcome): EventOf<'timed_out'> {
  return { type: 'timed_out', data: { error, ...(onFailure && { on_failure: onFailure }) } };
}

export function failedEvent(error: ExecutionError, onFailure?: HandlerOutcome): EventOf<'failed'> {
  return { type: 'failed', data: { error, ...(onFailure && { on_failure: onFailure }) } };
}

export interface StartDetails {
  readonly attempt: number;
  /** The resolved input, to be shown; leave it out where it is too large. */
  readonly input?: JsonValue | undefined;
  /** Of a step that sleeps or waits: when `decide` ends that. */
  readonly dueAt?: EpochMs | undefined;
  /** What it waits for outside. */
  readonly wait?: Wait | undefined;
  /** Of a step with a body: how it goes through its iterations. */
  readonly loop?: LoopPlan | undefined;
  readonly idempotencyKey?: string | undefined;
}

export function stepStarted(
  state: ExecutionState,
  step: StepState,
  { attempt, input, dueAt, wait, loop, idempotencyKey }: StartDetails,
): EventOf<'step_started'> {
  const data: EventData<'step_started'> = base(step, attempt, percent(state));
  if (input !== undefined) data.input = input;
  if (dueAt !== undefined) data.due_at = iso(dueAt);
  if (wait !== undefined) data.wait = wait;
  if (loop !== undefined) data.loop = loop;
  if (idempotencyKey !== undefined) data.idempotency_key = idempotencyKey;
  return { type: 'step_started', data };
}

export interface CompletedDetails {
  readonly attempt: number;
  readonly durationMs: number;
  readonly output?: JsonValue | undefined;
  readonly outputRef?: BlobReference | undefined;
  readonly branch?: string | undefined;
  readonly usage?: Usage | undefined;
}

export function stepCompleted(
  state: ExecutionState,
  current: StepState,
  { attempt, durationMs, output, outputRef, branch, usage }: CompletedDetails,
): EventOf<'step_completed'> {
  const { step, frame } = current;
  const data: EventData<'step_completed'> = {
    step_id: step.id,
    step_name: step.name,
    kind: step.kind,
    attempt,
    progress: percentAfter(state, current),
    duration_ms: durationMs,
  };
  if (frame.iteration !== null) data.iteration = frame.iteration;
  if (usage !== undefined) data.usage = usage;
  if (outputRef !== undefined) data.output_ref = outputRef;
  else data.output = output ?? null;
  if (branch !== undefined) data.branch = branch;
  return { type: 'step_completed', data };
}

export interface FailedDetails {
  readonly error: ExecutionError;
  readonly durationMs: number;
  readonly usage?: Usage | undefined;
}

/** The error says which step, iteration and attempt it is of. That of a body's step in a `map` is kept as it is. */
export function placed(error: ExecutionError, { step, frame }: StepState, attempt: number): ExecutionError {
  if (step.body !== null && typeof error.step_id === 'string') return error;
  const iteration = frame.iteration === null ? {} : { iteration: frame.iteration };
  return { ...error, step_id: step.id, attempt, ...iteration };
}

export function stepFailed(
  state: ExecutionState,
  current: StepState,
  attempt: number,
  { error, durationMs, usage }: FailedDetails,
): EventOf<'step_failed'> {
  return {
    type: 'step_failed',
    data: {
      ...base(current, attempt, percentAfter(state, current)),
      error: placed(error, current, attempt),
      duration_ms: durationMs,
      ...(usage && { usage }),
      handling: current.step.onError,
    },
  };
}

export function stepSkipped(
  state: ExecutionState,
  step: StepState,
  reason: SkipReason,
  byHand: { readonly by?: string; readonly output?: JsonValue | undefined } = {},
): EventOf<'step_skipped'> {
  const { by, output } = byHand;
  return {
    type: 'step_skipped',
    data: {
      ...base(step, step.attempt, percentAfter(state, step)),
      reason,
      ...(by !== undefined && { by }),
      ...(output !== undefined && { output }),
    },
  };
}

export function stepDiscarded(
  state: ExecutionState,
  step: StepState,
  reason: string,
): EventOf<'step_discarded'> {
  return {
    type: 'step_discarded',
    data: { ...base(step, step.attempt, percentAfter(state, step)), reason },
  };
}

/** A person is asked what became of the attempt. */
export function stepWaiting(state: ExecutionState, step: StepState, wait: Wait): EventOf<'step_waiting'> {
  return { type: 'step_waiting', data: { ...base(step, step.attempt, percent(state)), wait } };
}

export function stepIterating(
  state: ExecutionState,
  step: StepState,
  index: number,
): EventOf<'step_iterating'> {
  return { type: 'step_iterating', data: { ...base(step, step.attempt, percent(state)), index } };
}

export function stepPartEnded(
  state: ExecutionState,
  step: StepState,
  part: number,
  outcome: AnswerPayload['outcome'],
  usage?: Usage,
): EventOf<'step_part_ended'> {
  const data: EventData<'step_part_ended'> = { ...base(step, step.attempt, percent(state)), part };
  if (usage !== undefined) data.usage = usage;
  if (!outcome.ok) data.error = outcome.error;
  else if (outcome.output_ref !== undefined) data.output_ref = outcome.output_ref;
  else data.output = outcome.output ?? null;
  return { type: 'step_part_ended', data };
}

/** A finished output copied from an earlier execution: legal while the step is pending, in any order. */
export function stepReused(
  state: ExecutionState,
  step: StepState,
  from: {
    readonly executionId: string;
    readonly output?: JsonValue | undefined;
    readonly outputRef?: BlobReference | undefined;
    readonly branch?: string | undefined;
  },
): EventOf<'step_reused'> {
  const data: EventData<'step_reused'> = {
    ...base(step, 0, percentAfter(state, step)),
    from_execution: from.executionId,
  };
  if (from.outputRef !== undefined) data.output_ref = from.outputRef;
  else data.output = from.output ?? null;
  if (from.branch !== undefined) data.branch = from.branch;
  return { type: 'step_reused', data };
}

/** Where a sleeping step's `step_completed` comes from: `decide`, once it is due. */
export function delayCompleted(
  state: ExecutionState,
  current: StepState,
  now: EpochMs,
): EventOf<'step_completed'> {
  const { attempt, startedAt, dueAt } = current;
  return stepCompleted(state, current, {
    attempt,
    durationMs: Math.max(0, now - startedAt),
    output: { due_at: iso(dueAt ?? now) },
  });
}
