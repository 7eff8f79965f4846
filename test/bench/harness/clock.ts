/** The wall clock with parts of a millisecond, to compare with timestamps that other processes of this machine wrote. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * `performance.timeOrigin` is not corrected when the system's clock is, so the monotonic clock is tied to it anew here.
 * Make one per measurement: in hours the two drift apart by milliseconds.
 */
export function createWallClock(): WallClock {
  const before = Date.now();
  let edge = before;
  // The moment at which Date.now() moves on is a whole millisecond.
  while (edge === before) edge = Date.now();
  const offset = edge - performance.now();
  return { now: () => offset + performance.now() };
}
