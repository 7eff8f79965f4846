export interface BatcherOptions<T, R> {
  /** Most items of one flush. */
  maxItems: number;
  /** Flushes at once; each takes a connection. */
  concurrency: number;
  /** Does the work of a batch in one round trip; one result per item, in order. */
  flush(items: readonly T[]): Promise<readonly R[]>;
  /** Of one flush, in the unit of `sizeOf`; a single item may be larger. */
  maxSize?: number;
  sizeOf?(item: T): number;
  /** Items with the same key never share a batch: the later ones wait for the next. */
  keyOf?(item: T): string | undefined;
}

export interface Batcher<T, R> {
  /** Rejects with what `flush` threw for the batch this item was in. */
  add(item: T): Promise<R>;
  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void>;
}

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Group commit: what arrives while a flush is under way goes with the next one, so a batch grows with the load and a
 * single item never waits for company.
 */
export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  let queue: Waiting<T, R>[] = [];
  let inFlight = 0;
  let scheduled = false;
  let idleWaiters: (() => void)[] = [];

  /** How many of the first items make a batch. */
  function fitting(): number {
    const { maxItems, maxSize = Infinity, sizeOf } = options;
    if (sizeOf === undefined) return maxItems;
    let size = 0;
    const tooMuch = queue.slice(0, maxItems).findIndex(({ item }, index) => {
      size += sizeOf(item);
      return index > 0 && size > maxSize;
    });
    return tooMuch === -1 ? maxItems : tooMuch;
  }

  function takeBatch(): Waiting<T, R>[] {
    const { keyOf } = options;
    if (keyOf === undefined) return queue.splice(0, fitting());
    const batch: Waiting<T, R>[] = [];
    const later: Waiting<T, R>[] = [];
    const keys = new Set<string>();
    for (const waiting of queue) {
      const key = keyOf(waiting.item);
      if (batch.length >= options.maxItems || (key !== undefined && keys.has(key))) {
        later.push(waiting);
        continue;
      }
      if (key !== undefined) keys.add(key);
      batch.push(waiting);
    }
    queue = later;
    return batch;
  }

  async function run(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await options.flush(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, index) => {
        const result = results[index];
        if (index >= results.length) waiting.reject(new Error('flush gave fewer results than items'));
        else waiting.resolve(result as R);
      });
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      inFlight -= 1;
      schedule();
    }
  }

  function pump(): void {
    scheduled = false;
    while (inFlight < options.concurrency && queue.length > 0) {
      inFlight += 1;
      void run(takeBatch());
    }
    if (inFlight === 0 && queue.length === 0) {
      for (const wake of idleWaiters) wake();
      idleWaiters = [];
    }
  }

  // setImmediate, not a microtask: whatever this turn of the event loop still adds shall come along.
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(pump);
  }

  return {
    add(item) {
      return new Promise<R>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        schedule();
      });
    },
    idle() {
      if (inFlight === 0 && queue.length === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
  };
}
