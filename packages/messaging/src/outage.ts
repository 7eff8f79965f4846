import { errorText, isPostgresShutdown } from './errors.js';
import type { Log } from './log.js';

/** Turns a stream of connection errors into two log lines: one when the outage begins, one when it is over. */
export interface Outage {
  failed(error: unknown): void;
  recovered(): void;
}

export function createOutage(log: Log, subject: string): Outage {
  let since: number | undefined;
  return {
    failed(error) {
      if (since !== undefined) return;
      if (isPostgresShutdown(error)) {
        log.debug({ error: errorText(error) }, `${subject}: the server is stopping`);
        return;
      }
      since = performance.now();
      log.warn({ error: errorText(error) }, `${subject}: not reachable, trying again until it is`);
    },
    recovered() {
      if (since === undefined) return;
      const durationMs = Math.round(performance.now() - since);
      since = undefined;
      log.info({ duration_ms: durationMs }, `${subject}: reachable again`);
    },
  };
}
