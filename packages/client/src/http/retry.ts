import { ApiProblem, NetworkError } from '../errors.js';

export interface RetryOptions {
  /** Tries in all; 1 never repeats. */
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** A server that asks for a longer pause than this gets none: the problem is thrown at once. Seconds. */
  readonly maxRetryAfter: number;
}

export const DEFAULT_RETRY: RetryOptions = {
  attempts: 4,
  minDelayMs: 200,
  maxDelayMs: 5_000,
  maxRetryAfter: 30,
};

/** 502 and 504 are a proxy's words for a gateway that restarts. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** True for failures that another try of the same request may not meet. */
export function isPassing(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof ApiProblem && PASSING_STATUSES.has(error.status));
}

/**
 * Milliseconds until the next try after `failures` of them, or undefined when there should be none.
 * `random` is a number in [0, 1).
 */
export function retryDelay(
  error: unknown,
  failures: number,
  retry: RetryOptions,
  random: number,
): number | undefined {
  if (!isPassing(error) || failures >= retry.attempts) return undefined;
  if (error instanceof ApiProblem && error.retryAfter !== undefined) {
    // Jitter only above what was asked: many clients told the same second should not return in it.
    return error.retryAfter > retry.maxRetryAfter ? undefined : error.retryAfter * 1000 * (1 + 0.2 * random);
  }
  const ceiling = Math.min(retry.maxDelayMs, retry.minDelayMs * 2 ** (failures - 1));
  return ceiling * (0.5 + 0.5 * random);
}

/** The pause before reconnecting a stream: between `minMs` and a ceiling that doubles up to `maxMs`. */
export function reconnectDelay(failures: number, minMs: number, maxMs: number, random: number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures, 20));
  return minMs + (ceiling - minMs) * random;
}
