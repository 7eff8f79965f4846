/**
 * The store behind the queue or the events did not answer in time or refused the connection. Nothing that messaging
 * carries is the truth, so callers log this and go on: the sweeps and the stream's comparison with the log repair it.
 * The work may have been done all the same: only the answer is known to be missing.
 */
export class MessagingUnavailableError extends Error {
  override readonly name = 'MessagingUnavailableError';

  constructor(what: string, cause: unknown) {
    super(`${what}: ${errorText(cause)}`, { cause });
  }
}

export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}

/** SQLSTATEs that a client sees while Postgres stops or starts: expected, and no reason to alarm anyone. */
const SHUTDOWN_STATES = new Set(['57P01', '57P02', '57P03']);

export function isPostgresShutdown(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    SHUTDOWN_STATES.has(error.code)
  );
}
