/**
 * What is known of the way to the server, and from it what the page says.
 *
 *     connecting -> live <-> lost            a socket that does not come (back) counts a failure per try
 *     lost, after GRACE_MS                   the page says so, and timers stop at `asOfMs`
 *     lost, after POLL_AFTER failures        the log is asked for instead, which moves `asOfMs`
 *     over                                   the execution has ended: nothing more will come
 *     refused                                there is no use in coming back; the page says why
 */
export interface Connection {
  readonly status: 'connecting' | 'live' | 'lost' | 'over' | 'refused';
  /** Tries in a row that brought no socket. */
  readonly failures: number;
  /** The moment up to which everything is known (this machine's clock, milliseconds since 1970). */
  readonly asOfMs: number;
  /** Whether it has been lost for long enough to say so. */
  readonly isStale: boolean;
  readonly error: unknown;
}

export const GRACE_MS = 3_000;
export const POLL_AFTER = 3;
export const POLL_EVERY_MS = 5_000;

export type ConnectionChange =
  | { readonly type: 'connected' }
  | { readonly type: 'failed' }
  | { readonly type: 'grace_over' }
  | { readonly type: 'polled' }
  | { readonly type: 'ended' }
  | { readonly type: 'refused'; readonly error: unknown };

export const connectingAt = (nowMs: number): Connection => ({
  status: 'connecting',
  failures: 0,
  asOfMs: nowMs,
  isStale: false,
  error: undefined,
});

export const isPolling = ({ status, failures }: Connection): boolean =>
  status === 'lost' && failures >= POLL_AFTER;

export function changeConnection(before: Connection, change: ConnectionChange, nowMs: number): Connection {
  if (before.status === 'over') return before;
  switch (change.type) {
    case 'connected':
      return { status: 'live', failures: 0, asOfMs: nowMs, isStale: false, error: undefined };
    case 'failed':
      return {
        ...before,
        status: 'lost',
        failures: before.failures + 1,
        // Until now everything came at once.
        asOfMs: before.status === 'live' ? nowMs : before.asOfMs,
      };
    case 'grace_over':
      return before.status === 'live' ? before : { ...before, isStale: true };
    case 'polled':
      return { ...before, asOfMs: nowMs };
    case 'ended':
      return { status: 'over', failures: 0, asOfMs: nowMs, isStale: false, error: undefined };
    case 'refused':
      return { ...before, status: 'refused', isStale: true, error: change.error };
  }
}
