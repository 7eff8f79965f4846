/**
 * How far the server's clock is ahead of this machine's, in milliseconds. What the server said it was when it wrote a
 * frame is a lower bound, the tighter the faster the frame came; a difference that a slow network explains counts as none.
 */
export interface ServerClock {
  /** A frame with this time (RFC 3339) has just come. */
  note(timestamp: string, nowMs: number): void;
  offsetMs(): number;
}

/** Below this nobody sees it, and clocks of machines differ by as much. */
const NEGLIGIBLE_MS = 750;

export function createServerClock(): ServerClock {
  let bound: number | undefined;
  return {
    note(timestamp, nowMs) {
      const ahead = Date.parse(timestamp) - nowMs;
      if (!Number.isNaN(ahead)) bound = Math.max(bound ?? ahead, ahead);
    },
    offsetMs: () => (bound === undefined || Math.abs(bound) < NEGLIGIBLE_MS ? 0 : bound),
  };
}
