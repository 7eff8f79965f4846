export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the time passed before the caller gave up. */
  expired(): boolean;
  /** Always call it: forgets the timer and the caller's signal. */
  release(): void;
}

/**
 * One signal out of the caller's and a timer. `AbortSignal.any` would do, but keeps its sources' listeners alive in
 * Node 20, which a process-long signal shared by many requests turns into a leak.
 */
export function deadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let expired = false;
  const giveUp = (): void => controller.abort(outer?.reason);
  const timer = Number.isFinite(timeoutMs)
    ? setTimeout(() => {
        expired = true;
        controller.abort(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs)
    : undefined;
  if (outer?.aborted === true) giveUp();
  outer?.addEventListener('abort', giveUp, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired && outer?.aborted !== true,
    release: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', giveUp);
    },
  };
}

/** Resolves after the time, rejects with the signal's reason when it is aborted first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(asError(signal.reason));
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(asError(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The promise, or a rejection with the signal's reason if that comes first; the work itself goes on. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(asError(signal.reason));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
