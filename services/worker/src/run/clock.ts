/** The database's clock, carried on by this process's monotonic one: never jumps when the machine's clock is set. */
export interface Clock {
  /** Whole milliseconds since 1970 by the database. */
  now(): number;
}

/** `databaseNow` is what the database said; the clock errs by the time its answer took, a few milliseconds. */
export function createClock(databaseNow: Date): Clock {
  const offset = databaseNow.getTime() - performance.now();
  return { now: () => Math.floor(offset + performance.now()) };
}
