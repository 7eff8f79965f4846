export interface Limiter {
  /** Runs `work` when a place is free, in the order of asking. Throws what `full` makes when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** At most `places` at once and `waiting` in line: a bound on memory that no burst can exceed. */
export function createLimiter(options: { places: number; waiting: number; full: () => Error }): Limiter {
  let free = options.places;
  const line: (() => void)[] = [];

  async function enter(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (line.length >= options.waiting) throw options.full();
    await new Promise<void>((resolve) => {
      line.push(resolve);
    });
  }

  function leave(): void {
    const next = line.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
