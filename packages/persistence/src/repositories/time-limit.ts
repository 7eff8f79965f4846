import type { Session } from './session.js';

/** Conditions that no index serves well enough leave too much to look through. The caller's to narrow. */
export class TakesTooLongError extends Error {
  override readonly name = 'TakesTooLongError';

  constructor() {
    super(
      'Too much would have to be looked through: name a workflow or an owner, or a time by since and until',
    );
  }
}

const LIMIT_MS = 5_000;
/** SQL state of a statement that ran out of time. */
const CANCELLED = '57014';

/** Gives the statements of the transaction from here on 5 seconds each; throws TakesTooLongError where that is not enough. */
export async function withinTime<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.rows(`SELECT set_config('statement_timeout', '${String(LIMIT_MS)}', true)`);
  try {
    return await work();
  } catch (error) {
    throw isOutOfTime(error) ? new TakesTooLongError() : error;
  }
}

function isOutOfTime(error: unknown): boolean {
  const cause = error instanceof Error && 'driverError' in error ? error.driverError : error;
  return cause instanceof Error && 'code' in cause && cause.code === CANCELLED;
}
