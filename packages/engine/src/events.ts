/** Constructors of every event, so that no shell puts event data together by hand. All are pure and do not fold. */
import type { BlobReference, EventData, ExecutionError, JsonValue, NewEvent } from '@millrace/contracts';
import { EngineError } from './error.js';
import { nextAttemptDelayMs } from './retry.js';
import { planStepAt, stepStateAt } from './state/access.js';
import { percent } from './state/progress.js';
import type { PlanStep } from './graph/plan.js';
import type { EpochMs, ExecutionState, SkipReason } from './state/state.js';

export type EventOf<T extends NewEvent['type']> = Extract<NewEvent, { type: T }>;

function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** Spreading this costs a fifth of a fold: the two constructors that run for every step spell the fields out. */
function base(step: PlanStep, attempt: number, progress: number) {
  return { step_id: step.id, step_name: step.name, kind: step.kind, attempt, progress };
}

export function queuedEvent(data: EventData<'queued'>): EventOf<'queued'> {
  return { type: 'queued', data };
}

export function executionStarted(state: ExecutionState, workerId: string): EventOf<'started'> {
  return { type: 'started', data: { worker_id: workerId, steps_total: state.steps.length } };
}

/** Also for a worker that takes over a running execution from a dead one. */
export function resumedEvent(workerId: string): EventOf<'resumed'> {
  return { type: 'resumed', data: { worker_id: workerId } };
}

/** The answer to a `suspend` command: the slot is given back until `wakeAt` or a signal. */
export function waitingEvent(wakeAt: EpochMs | null, stepIds: readonly string[]): EventOf<'waiting'> {
  return { type: 'waiting', data: { wake_at: wakeAt === null ? null : iso(wakeAt), step_ids: [...stepIds] } };
}

/** Names the effectful steps whose attempt has begun and left no result: whether its effect happened is unknown. */
export function cancelledEvent(
  state: ExecutionState,
  { by, reason }: { readonly by: string; readonly reason?: string | undefined },
): EventOf<'cancelled'> {
  const uncertain = state.plan.steps.filter(
    (step) => step.purity === 'effectful' && stepStateAt(state, step.index).status === 'running',
  );
  return {
    type: 'cancelled',
    data: {
      by,
      ...(reason === undefined ? {} : { reason }),
      uncertain_steps: uncertain.map((step) => step.id),
    },
  };
}

export function timedOutEvent(state: ExecutionState): EventOf<'timed_out'> {
  const seconds = (state.plan.timeoutMs ?? 0) / 1_000;
  return {
    type: 'timed_out',
    data: {
      error: {
        code: 'execution_timeout',
        message: `The execution ran longer than its limit of ${seconds} seconds`,
        fault: 'workflow',
        retryable: false,
      },
    },
  };
}

export function failedEvent(error: ExecutionError): EventOf<'failed'> {
  return { type: 'failed', data: { error } };
}

export interface StartDetails {
  readonly attempt: number;
  /** The resolved input, to be shown; leave it out where it is too large. */
  readonly input?: JsonValue | undefined;
  /** Of a delay: it sleeps until then, and `decide` completes it. */
  readonly dueAt?: EpochMs | undefined;
  readonly idempotencyKey?: string | undefined;
}

export function stepStarted(
  state: ExecutionState,
  step: PlanStep,
  { attempt, input, dueAt, idempotencyKey }: StartDetails,
): EventOf<'step_started'> {
  const data: EventData<'step_started'> = base(step, attempt, percent(state));
  if (input !== undefined) data.input = input;
  if (dueAt !== undefined) data.due_at = iso(dueAt);
  if (idempotencyKey !== undefined) data.idempotency_key = idempotencyKey;
  return { type: 'step_started', data };
}

export interface CompletedDetails {
  readonly attempt: number;
  readonly durationMs: number;
  readonly output?: JsonValue | undefined;
  readonly outputRef?: BlobReference | undefined;
  readonly branch?: string | undefined;
}

export function stepCompleted(
  state: ExecutionState,
  step: PlanStep,
  { attempt, durationMs, output, outputRef, branch }: CompletedDetails,
): EventOf<'step_completed'> {
  const data: EventData<'step_completed'> = {
    step_id: step.id,
    step_name: step.name,
    kind: step.kind,
    attempt,
    progress: percent(state, 1),
    duration_ms: durationMs,
  };
  if (outputRef !== undefined) data.output_ref = outputRef;
  else data.output = output ?? null;
  if (branch !== undefined) data.branch = branch;
  return { type: 'step_completed', data };
}

export function stepFailed(
  state: ExecutionState,
  step: PlanStep,
  attempt: number,
  error: ExecutionError,
  durationMs: number,
): EventOf<'step_failed'> {
  return {
    type: 'step_failed',
    data: {
      ...base(step, attempt, percent(state, 1)),
      error: { ...error, step_id: step.id, attempt },
      duration_ms: durationMs,
      handling: step.onError,
    },
  };
}

export function stepSkipped(
  state: ExecutionState,
  step: PlanStep,
  reason: SkipReason,
): EventOf<'step_skipped'> {
  return { type: 'step_skipped', data: { ...base(step, 0, percent(state, 1)), reason } };
}

export function stepDiscarded(
  state: ExecutionState,
  step: PlanStep,
  reason: string,
): EventOf<'step_discarded'> {
  const { attempt } = stepStateAt(state, step.index);
  return { type: 'step_discarded', data: { ...base(step, attempt, percent(state, 1)), reason } };
}

/** A finished output copied from an earlier execution: legal while the step is pending, in any order. */
export function stepReused(
  state: ExecutionState,
  step: PlanStep,
  from: {
    readonly executionId: string;
    readonly output?: JsonValue | undefined;
    readonly outputRef?: BlobReference | undefined;
    readonly branch?: string | undefined;
  },
): EventOf<'step_reused'> {
  const data: EventData<'step_reused'> = {
    ...base(step, 0, percent(state, 1)),
    from_execution: from.executionId,
  };
  if (from.outputRef !== undefined) data.output_ref = from.outputRef;
  else data.output = from.output ?? null;
  if (from.branch !== undefined) data.branch = from.branch;
  return { type: 'step_reused', data };
}

/** What an attempt came to. `output` has passed `toPlainJson`; a large one is stored first and given as `outputRef`. */
export type Outcome =
  | {
      readonly ok: true;
      readonly output?: JsonValue | undefined;
      readonly outputRef?: BlobReference | undefined;
      readonly branch?: string | undefined;
    }
  | { readonly ok: false; readonly error: ExecutionError };

export interface Settling {
  readonly now: EpochMs;
  /** From 0 to below 1, for the jitter of a retry. */
  readonly random: () => number;
  readonly durationMs: number;
}

/**
 * The event that records an attempt's outcome: completed, failed (with its handling) or retrying. Null when the
 * attempt is not the current one any more, because it was discarded or repeated meanwhile: then nothing is recorded.
 * A successful outcome whose branch is none of the kind's ports throws an EngineError (`branch_missing`).
 */
export function settle(
  state: ExecutionState,
  step: PlanStep,
  attempt: number,
  outcome: Outcome,
  { now, random, durationMs }: Settling,
): EventOf<'step_completed' | 'step_failed' | 'step_retrying'> | null {
  const current = stepStateAt(state, step.index);
  if (current.status !== 'running' || current.attempt !== attempt) return null;
  if (outcome.ok) {
    const isBranchOk =
      step.ports.length === 0 || (outcome.branch !== undefined && step.ports.includes(outcome.branch));
    if (!isBranchOk) {
      throw new EngineError('branch_missing', 'S9', `Step "${step.id}" selects no branch of its kind`);
    }
    return stepCompleted(state, step, {
      attempt,
      durationMs,
      output: outcome.output,
      outputRef: outcome.outputRef,
      branch: step.ports.length === 0 ? undefined : outcome.branch,
    });
  }
  const { error } = outcome;
  const failures = current.failures + 1;
  const { firstStartedAt } = current;
  const delayMs = nextAttemptDelayMs(step.retry, { error, failures, firstStartedAt, now, random });
  if (delayMs === null) return stepFailed(state, step, attempt, error, durationMs);
  return {
    type: 'step_retrying',
    data: {
      ...base(step, attempt, percent(state)),
      error: { ...error, step_id: step.id, attempt },
      duration_ms: durationMs,
      next_attempt: attempt + 1,
      retry_at: iso(now + delayMs),
      delay_ms: delayMs,
    },
  };
}

/** Where a sleeping step's `step_completed` comes from: `decide`, once it is due. */
export function delayCompleted(
  state: ExecutionState,
  index: number,
  now: EpochMs,
): EventOf<'step_completed'> {
  const step = planStepAt(state, index);
  const { attempt, startedAt, dueAt } = stepStateAt(state, index);
  return stepCompleted(state, step, {
    attempt,
    durationMs: Math.max(0, now - startedAt),
    output: { due_at: iso(dueAt ?? now) },
  });
}
