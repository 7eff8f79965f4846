/** How the platform fares: what is queued, who works, how much gets done and how long it takes. */
import * as z from 'zod';
import { boundedCount } from './query.js';

const seconds = z.number();

export const queueState = z
  .object({
    queued: boundedCount,
    running: boundedCount,
    waiting: boundedCount,
    paused: boundedCount,
    runnable: boundedCount.describe('May run now and have no worker'),
    oldest_runnable_seconds: seconds
      .nullable()
      .describe('How long the oldest queued one has been waiting for a worker; null where none does'),
    hints: z
      .object({ waiting: z.int(), active: z.int() })
      .nullable()
      .describe('Hints in the queue, by whether a worker has taken them; null while it is away'),
    window_size: z.int().describe('Most hints the queue holds; executions beyond it wait in PostgreSQL'),
  })
  .meta({ id: 'QueueState' });

export const workerState = z
  .enum(['alive', 'draining', 'lost'])
  .meta({ id: 'WorkerState' })
  .describe(
    '`draining`: takes nothing new. `lost`: its lease has run out, and others go on with what it had',
  );

export const workerResource = z
  .object({
    worker_id: z.string(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    state: workerState,
    started_at: z.iso.datetime(),
    heartbeat_at: z.iso.datetime(),
    heartbeat_age_seconds: seconds,
    slots: z.int().describe('Executions it may run at once'),
    busy: z.int().describe('Those it ran at its last heartbeat'),
  })
  .meta({ id: 'Worker' });
export type WorkerResource = z.infer<typeof workerResource>;

export const throughputMinute = z
  .object({
    minute: z.iso.datetime().describe('When it began; the last one is still going on'),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    timed_out: z.int(),
    exact: z.boolean().describe('False: estimated from as many as were counted'),
  })
  .meta({ id: 'ThroughputMinute' });
export type ThroughputMinute = z.infer<typeof throughputMinute>;

const percentiles = z
  .object({ p50: seconds, p95: seconds, p99: seconds })
  .nullable()
  .describe('In seconds; null where nothing ended');

export const latencyWindow = z
  .object({
    window_seconds: z.int(),
    queue_wait: percentiles.describe('From submission to the first step, in seconds'),
    duration: percentiles.describe('From the first step to the end, in seconds'),
    sample: z.int().describe('Executions that were measured'),
    exact: z.boolean().describe('False: the sample is a share of those that ended'),
  })
  .meta({ id: 'LatencyWindow' });
export type LatencyWindow = z.infer<typeof latencyWindow>;

export const operationsResource = z
  .object({
    measured_at: z.iso.datetime(),
    queue: queueState,
    workers: z.array(workerResource).describe('Those alive first; 500 at most'),
    throughput: z.array(throughputMinute).describe('Executions that ended, the last 60 minutes in order'),
    latency: z.array(latencyWindow).describe('Of the last 15 minutes and of the last hour'),
  })
  .meta({ id: 'Operations' });
export type OperationsResource = z.infer<typeof operationsResource>;
