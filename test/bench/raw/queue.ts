/** BullMQ by itself: jobs like the product's hints, added in bulk and consumed by a worker that does nothing. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { createRedisScope } from '../../support/redis.js';
import { inLanes } from '../harness/parallel.js';
import { startHelper } from '../harness/service-process.js';

export interface RawQueue {
  /** Seconds from the first `addBulk` to the end of the last job. */
  addAndDrain(count: number): Promise<number>;
  stop(): Promise<void>;
}

const BATCH = 500;
const consumerScript = fileURLToPath(new URL('./queue-consumer.ts', import.meta.url));

export async function startRawQueue(concurrency: number): Promise<RawQueue> {
  const redis = await createRedisScope();
  const { url, prefix } = redis;
  const consumer = startHelper<{ count: number }>(consumerScript, [
    JSON.stringify({ url, prefix, concurrency }),
  ]);
  await consumer.next();
  const queue = new Queue('noop', { connection: { url }, prefix, streams: { events: { maxLen: 1_000 } } });
  return {
    async addAndDrain(count) {
      consumer.send({ count });
      await consumer.next();
      const startedAt = performance.now();
      await inLanes(Math.ceil(count / BATCH), 2, async (batch) => {
        const size = Math.min(BATCH, count - batch * BATCH);
        await queue.addBulk(Array.from({ length: size }, newJob));
      });
      await consumer.next();
      return (performance.now() - startedAt) / 1_000;
    },
    async stop() {
      await consumer.stop();
      await queue.close();
      await redis.cleanup();
    },
  };
}

function newJob() {
  const id = randomUUID();
  return {
    name: 'hint',
    data: { execution_id: id, dispatch_no: 1 },
    opts: { jobId: `${id}-1`, attempts: 1, removeOnComplete: true, removeOnFail: true },
  };
}
