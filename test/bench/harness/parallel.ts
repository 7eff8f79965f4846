/** Runs `task` for 0 … `count - 1`, at most `lanes` at once: a closed loop, as of clients that wait for their answers. */
export async function inLanes(
  count: number,
  lanes: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const index = next;
      next += 1;
      await task(index);
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

/** Starts `task` at a fixed rate, whatever the answers take: an open loop, as of independent users. */
export function atRate(perSecond: number, task: () => Promise<void>): { stop(): Promise<number> } {
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  let started = 0;
  let failure: unknown;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond;
    for (; started < due; started += 1) {
      const run = task()
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => underWay.delete(run));
      underWay.add(run);
    }
  }, 5);
  return {
    /** Resolves with the number started when all have ended; rejects with the first failure. */
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure));
      return started;
    },
  };
}
