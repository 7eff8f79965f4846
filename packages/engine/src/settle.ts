import type { BlobReference, ExecutionError, JsonValue, Usage } from '@millrace/contracts';
import { EngineError } from './error.js';
import { base, iso, placed, stepCompleted, stepFailed, type EventOf } from './events.js';
import { nextAttemptDelayMs } from './retry.js';
import { percent } from './state/progress.js';
import type { EpochMs, ExecutionState, StepState } from './state/state.js';

/** What an attempt came to. `output` has passed `toPlainJson`; a large one is stored first and given as `outputRef`. */
export type Outcome =
  | {
      readonly ok: true;
      readonly output?: JsonValue | undefined;
      readonly outputRef?: BlobReference | undefined;
      readonly branch?: string | undefined;
      readonly usage?: Usage | undefined;
    }
  | {
      readonly ok: false;
      readonly error: ExecutionError;
      readonly usage?: Usage | undefined;
      /** Repeat it at once, whatever the policy says: a person wants it. */
      readonly again?: boolean | undefined;
    };

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
  current: StepState,
  attempt: number,
  outcome: Outcome,
  { now, random, durationMs }: Settling,
): EventOf<'step_completed' | 'step_failed' | 'step_retrying'> | null {
  const { step } = current;
  const { usage } = outcome;
  if (current.attempt !== attempt || !hasAttempt(current)) return null;
  if (outcome.ok) {
    const { output, outputRef, branch } = outcome;
    const isBranchOk = step.ports.length === 0 || (branch !== undefined && step.ports.includes(branch));
    if (!isBranchOk) {
      throw new EngineError('branch_missing', 'S9', `Step "${step.id}" selects no branch of its kind`);
    }
    const selected = step.ports.length === 0 ? undefined : branch;
    return stepCompleted(state, current, { attempt, durationMs, output, outputRef, branch: selected, usage });
  }
  const { error } = outcome;
  const failures = current.failures + 1;
  const { firstStartedAt } = current;
  const delayMs =
    outcome.again === true
      ? 0
      : nextAttemptDelayMs(step.retry, { error, failures, firstStartedAt, now, random });
  if (delayMs === null) return stepFailed(state, current, attempt, { error, durationMs, usage });
  return {
    type: 'step_retrying',
    data: {
      ...base(current, attempt, percent(state)),
      error: placed(error, current, attempt),
      duration_ms: durationMs,
      ...(usage && { usage }),
      next_attempt: attempt + 1,
      retry_at: iso(now + delayMs),
      delay_ms: delayMs,
    },
  };
}

/** It runs, sleeps, waits or iterates: what it comes to is recorded. */
function hasAttempt({ status }: StepState): boolean {
  return status === 'running' || status === 'waiting' || status === 'sleeping';
}
