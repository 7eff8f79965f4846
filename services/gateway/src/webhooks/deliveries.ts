import { type NewDelivery, type Queryable, recordDeliveries } from '@millrace/persistence';
import type { Logger } from '@millrace/service-kit';

export interface DeliveryLog {
  /** Written within half a second; lost when the database is away or too many come at once. Never waits. */
  record(delivery: NewDelivery): void;
  /** Resolves when everything recorded is written or lost. */
  stop(): Promise<void>;
}

const FLUSH_MS = 200;
const BATCH = 500;
/** Beyond it a flood is only counted. */
const WAITING = 5_000;
const MAX_TEXT = 500;

/** What arrived at webhooks, written in batches: a sender is answered without waiting for the note that it was. */
export function createDeliveryLog({ pool, log }: { pool: Queryable; log: Logger }): DeliveryLog {
  let waiting: NewDelivery[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      await recordDeliveries(pool, batch).catch((error: unknown) => {
        log.warn({ err: error, deliveries: batch.length }, 'deliveries of webhooks could not be listed');
      });
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  return {
    record(delivery) {
      if (waiting.length >= WAITING) return;
      waiting.push({
        ...delivery,
        deliveryKey: storable(delivery.deliveryKey),
        reason: storable(delivery.reason),
      });
      timer ??= setTimeout(() => void flush(), FLUSH_MS);
    },
    stop: flush,
  };
}

/** Text from outside: PostgreSQL takes no NUL, and pg turns half a surrogate pair into U+FFFD by itself. */
function storable(text: string | null): string | null {
  return text === null ? null : text.slice(0, MAX_TEXT).replaceAll('\0', '\uFFFD');
}
