import type { ExecutionError, RetryPolicy } from '@millrace/contracts';
import type { EpochMs } from './state/state.js';

/** Codes that the engine itself gives to a failed step. */
export const STEP_ERROR_CODES = {
  timeout: 'step_timeout',
  outcomeUnknown: 'outcome_unknown',
  joinFailed: 'join_failed',
  approvalExpired: 'approval_expired',
  eventTimeout: 'event_timeout',
  repeatLimit: 'repeat_limit',
  executionTimeout: 'execution_timeout',
} as const;

/**
 * Milliseconds to wait after the given number of failures (1 or more), before the next attempt. Exponential doubles
 * from `delay_seconds`; `jitter` is the share of the delay that `random` (0 to below 1) decides, so that a delay is
 * never longer than without jitter and never above `max_delay_seconds`.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: number): number {
  const factor = policy.backoff === 'exponential' ? 2 ** Math.min(failures - 1, 60) : 1;
  const full = Math.min(policy.delay_seconds * factor, policy.max_delay_seconds) * 1_000;
  return Math.round(full * (1 - policy.jitter * random));
}

export function isRetryable(policy: RetryPolicy, error: ExecutionError): boolean {
  if (error.code === STEP_ERROR_CODES.outcomeUnknown) return false;
  return policy.retry_on === undefined ? error.retryable === true : policy.retry_on.includes(error.code);
}

export interface FailedAttempt {
  readonly error: ExecutionError;
  /** This one included. */
  readonly failures: number;
  readonly firstStartedAt: EpochMs;
  readonly now: EpochMs;
  readonly random: () => number;
}

/** When to try again, or null when the failure stands (rules R1 to R6). `random` is asked only for a retry. */
export function nextAttemptDelayMs(policy: RetryPolicy, failed: FailedAttempt): number | null {
  if (failed.failures >= policy.max_attempts || !isRetryable(policy, failed.error)) return null;
  const delay = retryDelayMs(policy, failed.failures, failed.random());
  if (policy.budget_seconds === undefined) return delay;
  const spent = failed.now + delay - failed.firstStartedAt;
  return spent > policy.budget_seconds * 1_000 ? null : delay;
}
