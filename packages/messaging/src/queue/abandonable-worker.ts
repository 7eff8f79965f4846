import type { ExecutionJob } from '@millrace/contracts';
import { type IQueueBackend, type JobProgress, Worker } from 'bullmq';

/**
 * `close` of BullMQ's worker can wait for ever when the store went away, and its lock timer then keeps the process
 * alive. `abandon` ends both without asking the store.
 */
export class AbandonableWorker<C> extends Worker<ExecutionJob, void, string, IQueueBackend, JobProgress, C> {
  async abandon(): Promise<void> {
    await this.lockManager.close();
    await this.getBackend().close(true);
  }
}
