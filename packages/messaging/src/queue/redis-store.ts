import { randomUUID } from 'node:crypto';
import { createRedisBackend, Queue, type QueueBaseOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { type CommandConnection, redisOptions, watchRedis } from '../redis/connections.js';
import { AbandonableWorker } from './abandonable-worker.js';
import { QUEUE_NAME } from './hints.js';
import { paced } from './paced-backend.js';
import { MAX_STALLED_COUNT, QUEUE_EVENTS_MAX_LENGTH, type QueueStore, type QueueTiming } from './store.js';

/** The queue in Redis: jobs under `<prefix>:executions:…`, its incarnation in `<prefix>:incarnation`. */
export function createRedisQueueStore(options: {
  url: string;
  prefix: string;
  connectionName: string;
  timing: QueueTiming;
  commands: CommandConnection;
}): QueueStore {
  const { commands, prefix, timing } = options;
  const incarnationKey = `${prefix}:incarnation`;
  let queue: Queue | undefined;

  async function producer(): Promise<Queue> {
    await commands.settled();
    queue ??= createProducer();
    return queue;
  }

  function createProducer(): Queue {
    const created = new Queue(QUEUE_NAME, {
      connection: commands.redis,
      prefix,
      // Without these two BullMQ waits for a connection before every command, for ever if need be.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: QUEUE_EVENTS_MAX_LENGTH } },
    });
    // The connection's owner tells of outages; without a listener BullMQ would print them.
    created.on('error', () => undefined);
    return created;
  }

  return {
    producer,

    createWorker(processor, concurrency, outage) {
      const connection = new Redis(options.url, {
        ...redisOptions(options.connectionName),
        maxRetriesPerRequest: null,
      });
      const stopWatching = watchRedis(connection);
      const worker = new AbandonableWorker(
        QUEUE_NAME,
        processor,
        {
          // BullMQ duplicates it for its blocking command, which it watches itself.
          connection,
          prefix,
          concurrency,
          autorun: false,
          drainDelay: timing.drainDelaySeconds,
          lockDuration: timing.lockMs,
          stalledInterval: timing.stalledCheckMs,
          maxStalledCount: MAX_STALLED_COUNT,
          runRetryDelay: 1_000,
        },
        (name: string, base: QueueBaseOptions, extra) => paced(createRedisBackend(name, base, extra), outage),
      );
      return {
        worker,
        release() {
          stopWatching();
          connection.disconnect();
        },
      };
    },

    async ensureIncarnation() {
      await commands.settled();
      const replies = await commands.redis
        .pipeline()
        .set(incarnationKey, randomUUID(), 'NX')
        .get(incarnationKey)
        .exec();
      const [created, current] = replies ?? [];
      const failure = created?.[0] ?? current?.[0];
      if (failure) throw failure;
      const incarnation = current?.[1];
      if (typeof incarnation !== 'string') throw new Error(`${incarnationKey} vanished while it was read`);
      const fresh = created?.[1] === 'OK';
      if (fresh) await restoreQueueSettings(await producer());
      return { incarnation, fresh };
    },

    async ping() {
      await commands.settled();
      await commands.redis.ping();
    },

    async close() {
      await queue?.close();
    },
  };
}

/** BullMQ writes them once, when a queue object is made; they vanish with everything else. */
async function restoreQueueSettings(queue: Queue): Promise<void> {
  await queue.getBackend().setQueueMeta({ 'opts.maxLenEvents': QUEUE_EVENTS_MAX_LENGTH });
}
