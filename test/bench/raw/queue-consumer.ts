/** A BullMQ worker that does nothing, in a process of its own. Run as a script by raw/queue.ts. */
import { Worker } from 'bullmq';
import { readArgument } from './arguments.js';
import { isQueueSettings } from './protocol.js';

const { url, prefix, concurrency } = readArgument(isQueueSettings);
let left = 0;
const worker = new Worker(
  'noop',
  () => {
    left -= 1;
    if (left === 0) process.send?.('drained');
    return Promise.resolve();
  },
  { connection: { url, maxRetriesPerRequest: null }, prefix, concurrency },
);
worker.on('error', () => undefined);
process.on('message', ({ count }: { count: number }) => {
  left = count;
  process.send?.('counting');
});
process.once('disconnect', () => process.exit(0));
await worker.waitUntilReady();
process.send?.('ready');
