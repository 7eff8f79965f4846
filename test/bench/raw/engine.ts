/** The raw bound: submit, claim, append and finish by the product's own SQL, driven without anything around it. */
import { fileURLToPath } from 'node:url';
import { createPool, type NewExecution, submitExecutions } from '@millrace/persistence';
import { Redis } from 'ioredis';
import { inLanes } from '../harness/parallel.js';
import { type Helper, startHelper } from '../harness/service-process.js';
import { createStores } from '../harness/stores.js';
import { drained, verifyCompleted } from '../harness/verify.js';
import { parametersOf, STEPS, type Work } from '../harness/workflows.js';
import type { Assignment, RawSettings } from './protocol.js';

export interface RawRun {
  /** All of it. */
  readonly seconds: number;
  /** Until the last execution was stored. */
  readonly submitSeconds: number;
}

export interface RawEngine {
  /** Executions are given to the workers as they are stored. */
  submitAndDrain(work: Work, count: number, workers: number): Promise<RawRun>;
  /** Milliseconds of each of `count` pure executions, one after the other: from before its submit to its last publish. */
  times(count: number): Promise<number[]>;
  /** All are stored before the first is given to a worker; only the second part is timed. */
  drainOnly(work: Work, count: number, workers: number): Promise<RawRun>;
  stop(): Promise<void>;
}

const SUBMIT_BATCH = 500;
/** Nobody else looks after these executions, so no hint is ever due. */
const NEVER_SECONDS = 86_400;

const workerScript = fileURLToPath(new URL('./worker.ts', import.meta.url));

export async function startRawEngine(options: {
  targetUrl: string;
  slots: number;
  workers: number;
}): Promise<RawEngine> {
  const stores = await createStores();
  const databaseUrl = stores.database.url;
  const db = createPool({
    databaseUrl,
    role: 'millrace_engine',
    max: 3,
    applicationName: 'millrace-bench-raw',
  });
  const redis = new Redis(stores.redis.url);
  const channel = `${stores.redis.prefix}:raw`;
  const { rows } = await stores.pool.query<{ id: string }>(
    "INSERT INTO users (username, password_hash) VALUES ('raw', 'none') RETURNING id",
  );
  const ownerId = rows[0]?.id ?? '';
  const settings: RawSettings = { ...options, databaseUrl, redisUrl: stores.redis.url, channel };
  const helpers: Helper<Assignment>[] = [];
  for (let n = 0; n < options.workers; n += 1) {
    const helper = startHelper<Assignment>(workerScript, [JSON.stringify(settings)]);
    await helper.next();
    helpers.push(helper);
  }
  let runs = 0;

  function newExecution(workflowId: string, index: number): NewExecution {
    return {
      workflowId,
      workflowVersion: 1,
      ownerId,
      submittedBy: ownerId,
      parameters: JSON.stringify(parametersOf(index)),
      stepsTotal: STEPS,
      traceId: '0123456789abcdef0123456789abcdef',
      queuedData: JSON.stringify({ workflow_version: 1, submitted_by: 'raw' }),
    };
  }

  /** Two batches at once, as the runtime submits; each is published. */
  async function submit(workflowId: string, count: number, onBatch: (ids: string[]) => void): Promise<void> {
    await inLanes(Math.ceil(count / SUBMIT_BATCH), 2, async (batch) => {
      const size = Math.min(SUBMIT_BATCH, count - batch * SUBMIT_BATCH);
      const items = Array.from({ length: size }, (_, n) =>
        newExecution(workflowId, batch * SUBMIT_BATCH + n),
      );
      const stored = await submitExecutions(db, items, NEVER_SECONDS);
      const ids = stored.flatMap((row) => row?.executionId ?? []);
      const pipeline = redis.pipeline();
      for (const id of ids) pipeline.publish(channel, `{"execution_id":"${id}","from":1,"frames":[]}`);
      onBatch(ids);
      await pipeline.exec();
    });
  }

  function assign(work: Work, ids: readonly string[], workers: number): void {
    helpers.slice(0, workers).forEach((helper, n) => {
      helper.send({ work, executionIds: ids.filter((_, index) => index % workers === n) });
    });
  }

  function nextWorkflow(work: Work): string {
    runs += 1;
    return `raw-${work}-${runs}`;
  }

  async function finish(workflowId: string, count: number): Promise<number> {
    await drained(stores.pool, workflowId);
    const endedAt = performance.now();
    await verifyCompleted(stores.pool, workflowId, count);
    return endedAt;
  }

  return {
    async submitAndDrain(work, count, workers) {
      const workflowId = nextWorkflow(work);
      const startedAt = performance.now();
      await submit(workflowId, count, (ids) => assign(work, ids, workers));
      const submittedAt = performance.now();
      const endedAt = await finish(workflowId, count);
      return { seconds: (endedAt - startedAt) / 1_000, submitSeconds: (submittedAt - startedAt) / 1_000 };
    },

    async times(count) {
      const workflowId = nextWorkflow('pure');
      const subscriber = new Redis(stores.redis.url);
      const arrivals = new Arrivals();
      subscriber.on('message', (_channel: string, message: string) => arrivals.note(message));
      await subscriber.subscribe(channel);
      const times: number[] = [];
      for (let n = 0; n < count; n += 1) {
        const startedAt = performance.now();
        const ended = arrivals.next('"type":"completed"');
        await submit(workflowId, 1, (ids) => assign('pure', ids, 1));
        await ended;
        times.push(performance.now() - startedAt);
      }
      subscriber.disconnect();
      await finish(workflowId, count);
      return times;
    },

    async drainOnly(work, count, workers) {
      const workflowId = nextWorkflow(work);
      const all: string[] = [];
      const startedAt = performance.now();
      await submit(workflowId, count, (ids) => all.push(...ids));
      const submittedAt = performance.now();
      assign(work, all, workers);
      const endedAt = await finish(workflowId, count);
      return { seconds: (endedAt - submittedAt) / 1_000, submitSeconds: (submittedAt - startedAt) / 1_000 };
    },

    async stop() {
      await Promise.all(helpers.map((helper) => helper.stop()));
      redis.disconnect();
      await db.end();
      await stores.drop();
    },
  };
}

/** Waits for one message at a time. */
class Arrivals {
  #wanted: { text: string; resolve(): void } | undefined;

  next(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = { text, resolve };
    });
  }

  note(message: string): void {
    if (this.#wanted && message.includes(this.#wanted.text)) this.#wanted.resolve();
  }
}
