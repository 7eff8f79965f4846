export interface RetrySettings {
  /** How often a receiver is called at most. */
  attempts: number;
  /** Before the second attempt; four times as long before each further one, eight hours at most. */
  firstDelaySeconds: number;
}

const FACTOR = 4;
const MAX_DELAY_SECONDS = 8 * 3_600;
/** A receiver may ask for more patience than ours, but not for ever. */
const MAX_RETRY_AFTER_SECONDS = 24 * 3_600;
const JITTER = 0.2;

/** Seconds until the next attempt; undefined when there is none. `random` is from 0 to below 1. */
export function retryDelaySeconds(
  { attempts, firstDelaySeconds }: RetrySettings,
  { attempt, retryAfterSeconds, random }: { attempt: number; retryAfterSeconds?: number; random: number },
): number | undefined {
  if (attempt >= attempts) return undefined;
  const grown = firstDelaySeconds * FACTOR ** (attempt - 1);
  const own = Math.min(grown, MAX_DELAY_SECONDS) * (1 - JITTER + 2 * JITTER * random);
  return Math.max(own, Math.min(retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS));
}

/** `Retry-After` as seconds or as a date; undefined for anything else. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowMs) / 1_000);
}
