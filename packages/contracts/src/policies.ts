import * as z from 'zod';

/** How a failed attempt is repeated. Delays are seconds; `budget_seconds` bounds the time from the first attempt's start. */
export const retryPolicy = z
  .strictObject({
    max_attempts: z.int().min(1).max(100).default(1),
    backoff: z.enum(['fixed', 'exponential']).default('exponential'),
    delay_seconds: z.number().min(0).max(86_400).default(1),
    max_delay_seconds: z.number().min(0).max(86_400).default(300),
    jitter: z.number().min(0).max(1).default(0.2).describe('Share of the delay that is random'),
    budget_seconds: z.number().positive().max(31_536_000).optional(),
    retry_on: z
      .array(z.string().min(1).max(100))
      .max(50)
      .optional()
      .describe('Error codes to retry; without it, every retryable error'),
  })
  .meta({ id: 'RetryPolicy' });
export type RetryPolicy = z.infer<typeof retryPolicy>;

/** `fail` ends the execution, `continue` goes on with `{error}` as output, `error` follows the edges labelled `error`. */
export const onError = z.enum(['fail', 'continue', 'error']).meta({ id: 'OnError' });
export type OnError = z.infer<typeof onError>;

/** What becomes of an attempt that started and left no result: repeat it, fail the step, or ask a person. */
export const onUncertain = z.enum(['retry', 'fail', 'ask']).meta({ id: 'OnUncertain' });
export type OnUncertain = z.infer<typeof onUncertain>;

export const joinMode = z.enum(['all', 'any']).meta({ id: 'JoinMode' });
export type JoinMode = z.infer<typeof joinMode>;
