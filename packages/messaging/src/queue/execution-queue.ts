import { withDeadline } from '../deadline.js';
import { errorText, MessagingUnavailableError } from '../errors.js';
import type { Log } from '../log.js';
import { startConsumer } from './consumer.js';
import { toJob } from './hints.js';
import type { ExecutionQueue, QueueConsumer } from './port.js';
import type { QueueStore } from './store.js';

/** Added to the deadline per hint: a batch of thousands is work, not silence. */
const MS_PER_HINT = 0.5;

/** The queue port over BullMQ; what differs between Redis and Postgres is in the store. */
export function createExecutionQueue(store: QueueStore, log: Log, timeoutMs: number): ExecutionQueue {
  const consumers = new Set<QueueConsumer>();
  let closing: Promise<void> | undefined;

  async function ask<T>(what: string, work: () => Promise<T>, limitMs = timeoutMs): Promise<T> {
    if (closing) throw new MessagingUnavailableError(what, new Error('the queue is closed'));
    try {
      return await withDeadline(work(), limitMs);
    } catch (error) {
      throw new MessagingUnavailableError(what, error);
    }
  }

  async function close(): Promise<void> {
    await Promise.all([...consumers].map((consumer) => consumer.stop(0)));
    // A producer that never reached its store has nothing to say goodbye to.
    await withDeadline(store.close(), timeoutMs).catch((error: unknown) => {
      log.debug({ error: errorText(error) }, 'the queue did not close in order');
    });
  }

  return {
    async dispatch(hints) {
      if (hints.length === 0) return;
      await ask(
        'dispatch',
        async () => {
          const queue = await store.producer();
          await queue.addBulk(hints.map(toJob));
        },
        timeoutMs + hints.length * MS_PER_HINT,
      );
    },

    depth() {
      return ask('depth', async () => {
        const queue = await store.producer();
        const counts = await queue.getJobCounts('waiting', 'prioritized', 'active');
        return {
          waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
          active: counts.active ?? 0,
        };
      });
    },

    consume(handler, options) {
      if (closing) {
        return Promise.reject(new MessagingUnavailableError('consume', new Error('the queue is closed')));
      }
      if (!Number.isInteger(options.concurrency) || options.concurrency < 1) {
        return Promise.reject(new RangeError('concurrency must be a whole number of at least 1'));
      }
      const consumer = startConsumer(store, handler, options, log);
      consumers.add(consumer);
      return Promise.resolve({
        pause: () => consumer.pause(),
        async stop(deadlineMs) {
          await consumer.stop(deadlineMs);
          consumers.delete(consumer);
        },
      });
    },

    ensureIncarnation() {
      return ask('incarnation', () => store.ensureIncarnation());
    },

    async health() {
      try {
        await ask('queue', () => store.ping());
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: errorText(error) };
      }
    },

    close() {
      closing ??= close();
      return closing;
    },
  };
}
