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

/** No remote system makes a step wait longer than this. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/** Rule R7: what the remote system asked for, as `details.retry_after_seconds`; 0 where it asked for nothing. */
function retryAfterMs({ details }: ExecutionError): number {
  const seconds = details?.['retry_after_seconds'];
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : 0;
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
  const own = retryDelayMs(policy, failed.failures, failed.random());
  const delay = Math.max(own, retryAfterMs(failed.error));
  if (policy.budget_seconds === undefined) return delay;
  const spent = failed.now + delay - failed.firstStartedAt;
  return spent > policy.budget_seconds * 1_000 ? null : delay;
}
