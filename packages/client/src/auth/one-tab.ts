/** The part of the Web Locks API that is used, where the runtime has it: browsers, at HTTPS and localhost only. */
interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>;
}

const LOCK = 'millrace-session';
/** A tab that holds the lock for longer is not waited for. */
const PATIENCE_MS = 10_000;

/**
 * Does the work while no other tab of this origin does it. Two that spend one refresh token at once are forgiven by the
 * server, so where there is no lock, or it does not come free, the work is done all the same.
 */
export async function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  const locks = locksOf(globalThis);
  if (locks === undefined) return work();
  let began = false;
  try {
    return await locks.request(LOCK, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
      began = true;
      return work();
    });
  } catch (error) {
    if (began) throw error;
    return work();
  }
}

function locksOf(runtime: { navigator?: unknown }): Locks | undefined {
  const { navigator } = runtime;
  if (typeof navigator !== 'object' || navigator === null || !('locks' in navigator)) return undefined;
  return isLocks(navigator.locks) ? navigator.locks : undefined;
}

function isLocks(value: unknown): value is Locks {
  return (
    typeof value === 'object' && value !== null && 'request' in value && typeof value.request === 'function'
  );
}
