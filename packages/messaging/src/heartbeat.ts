import { withDeadline } from './deadline.js';

export const HEARTBEAT_MS = 5_000;

/**
 * A connection that died silently (failover, dropped NAT entry) stays unnoticed for minutes, most of all where one only
 * listens. The heartbeat asks for a sign of life and has the connection dropped when none comes.
 * Returns the function that ends it.
 */
export function startHeartbeat(options: {
  intervalMs: number;
  probe: () => Promise<unknown>;
  drop: () => void;
}): () => void {
  let probing = false;
  const timer = setInterval(() => {
    if (probing) return;
    probing = true;
    withDeadline(options.probe(), options.intervalMs)
      .catch(() => {
        options.drop();
      })
      .finally(() => {
        probing = false;
      });
  }, options.intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
