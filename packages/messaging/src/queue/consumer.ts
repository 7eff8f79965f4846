import { WaitingError } from 'bullmq';
import { settledWithin } from '../deadline.js';
import { errorText } from '../errors.js';
import type { Log } from '../log.js';
import { createOutage } from '../outage.js';
import { toHint } from './hints.js';
import type { ConsumeOptions, ExecutionHint, HintHandler, QueueConsumer } from './port.js';
import type { HintProcessor, QueueStore } from './store.js';

/** What tearing down connections may take after the deadline for the handlers has passed. */
const TEARDOWN_MS = 1_000;

interface Running {
  jobId: string;
  hint: ExecutionHint;
  abort: AbortController;
  done: Promise<void>;
}

/** Starts consuming and returns at once; an unreachable store is tried again for ever. */
export function startConsumer(
  store: QueueStore,
  handler: HintHandler,
  options: ConsumeOptions,
  log: Log,
): QueueConsumer {
  const running = new Set<Running>();
  let paused = false;
  let stopping: Promise<void> | undefined;

  async function handle(hint: ExecutionHint, signal: AbortSignal): Promise<void> {
    try {
      await handler(hint, signal);
    } catch (error) {
      log.error({ execution_id: hint.executionId, err: error }, 'the handler of an execution hint failed');
    }
  }

  const process: HintProcessor = async (job, token) => {
    if (paused && token !== undefined) {
      // A fetch that was under way when the consumer paused: give the hint back instead of starting it.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const hint = toHint(job);
    if (!hint) {
      log.error({ job_id: job.id }, 'dropped a job that is no execution hint');
      return;
    }
    const abort = new AbortController();
    const entry: Running = { jobId: job.id ?? '', hint, abort, done: handle(hint, abort.signal) };
    running.add(entry);
    await entry.done;
    running.delete(entry);
  };

  const outage = createOutage(log, 'queue consumer');
  const { worker, release } = store.createWorker(process, options.concurrency, outage);
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const entry of running) {
      if (!jobIds.includes(entry.jobId) || entry.abort.signal.aborted) continue;
      log.warn({ execution_id: entry.hint.executionId }, 'lost the lock of a running execution hint');
      entry.abort.abort(new Error('the lock of the execution hint was lost'));
      options.onLostLock?.(entry.hint);
    }
  });
  worker.on('error', (error) => {
    // A lost lock is told above, and again when the handler's end is reported to a job that is someone else's by now.
    if (/could not renew lock|lock for job|Missing key for job/i.test(error.message)) {
      log.debug({ error: error.message }, 'queue consumer');
    } else {
      outage.failed(error);
    }
  });
  worker.run().catch((error: unknown) => {
    log.error({ error: errorText(error) }, 'the queue consumer ended by itself');
  });

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all([...running].map((entry) => entry.done));
  }

  async function pause(): Promise<void> {
    paused = true;
    await worker.pause(true);
    await idle();
  }

  async function stop(deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    const remaining = (): number => Math.max(0, end - performance.now());
    if (await settledWithin(pause(), deadlineMs)) {
      // Waits for acknowledgements and a fetch under way, and has no limit of its own when the store is away.
      if (await settledWithin(worker.close(), remaining() + TEARDOWN_MS)) return;
      await settledWithin(worker.abandon(), TEARDOWN_MS);
      return;
    }
    for (const { abort } of running) abort.abort(new Error('the consumer stopped'));
    log.warn({ running: running.size }, 'stopped the queue consumer with handlers still running');
    await settledWithin(worker.close(true), TEARDOWN_MS);
  }

  return {
    pause,
    stop(deadlineMs) {
      stopping ??= stop(deadlineMs).finally(release);
      return stopping;
    },
  };
}
