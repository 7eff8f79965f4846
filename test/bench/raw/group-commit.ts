/** Items that arrive while a flush is under way go with the next one; at most two flushes at once. */
export function groupCommit<T, R>(
  maxItems: number,
  flush: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const waiting: { item: T; resolve(result: R): void; reject(error: unknown): void }[] = [];
  let inFlight = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (inFlight < 2 && waiting.length > 0) void run(waiting.splice(0, maxItems));
    });
  }

  async function run(batch: typeof waiting): Promise<void> {
    inFlight += 1;
    try {
      const results = await flush(batch.map(({ item }) => item));
      results.forEach((result, index) => batch[index]?.resolve(result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    inFlight -= 1;
    schedule();
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
