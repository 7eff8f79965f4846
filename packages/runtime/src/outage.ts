import type { Log } from '@millrace/messaging';

/** Tells of an outage once when it begins and once when it is over, however many callers run into it. */
export interface Outage {
  failed(error: unknown): void;
  recovered(): void;
}

export function createOutage(log: Log, words: { failed: string; recovered: string }): Outage {
  let isDown = false;
  return {
    failed(error) {
      if (isDown) return;
      isDown = true;
      log.warn({ err: error }, words.failed);
    },
    recovered() {
      if (!isDown) return;
      isDown = false;
      log.info({}, words.recovered);
    },
  };
}
