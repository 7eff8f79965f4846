import type { ExecutionJob } from '@millrace/contracts';
import type { Processor, Queue } from 'bullmq';
import type { Outage } from '../outage.js';
import type { AbandonableWorker } from './abandonable-worker.js';
import type { Incarnation } from './port.js';

/** Durations that tests shorten; the defaults are the product's. */
export interface QueueTiming {
  /** How long a job's lock lives without renewal: the time until a dead consumer's hint may be given to another. */
  lockMs: number;
  /** Pause between two looks for expired locks; a hint comes back after one to two of them. */
  stalledCheckMs: number;
  /** Longest wait of an idle consumer before it looks again without being told. */
  drainDelaySeconds: number;
  /** When a producer gives up on a store that does not answer. */
  timeoutMs: number;
}

export const DEFAULT_TIMING: QueueTiming = {
  lockMs: 10_000,
  stalledCheckMs: 5_000,
  drainDelaySeconds: 2,
  timeoutMs: 1_000,
};

export type ProducerQueue = Pick<Queue, 'addBulk' | 'getJobCounts' | 'close'>;
/** The part of the worker that a consumer uses, whatever its backend. */
export interface HintWorker extends Pick<AbandonableWorker<unknown>, 'run' | 'pause' | 'close' | 'abandon'> {
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
export type HintProcessor = Processor<ExecutionJob, void>;

/** What BullMQ needs to be told apart for Redis and Postgres. */
export interface QueueStore {
  /** The producer's end, connected or connecting; throws when the store never answered. */
  producer(): Promise<ProducerQueue>;
  /** A consumer's end that does not run yet and survives outages by itself, telling them to `outage`. */
  createWorker(
    processor: HintProcessor,
    concurrency: number,
    outage: Outage,
  ): {
    worker: HintWorker;
    /** After the worker was closed: lets go of what it does not own. */
    readonly release: () => void;
  };
  ensureIncarnation(): Promise<Incarnation>;
  /** Rejects when the store cannot serve the queue now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** BullMQ's stall counter must never decide an outcome: with its default of 1, two killed workers fail a job for ever. */
export const MAX_STALLED_COUNT = 1_000_000;

/** Nobody reads BullMQ's event stream; 0 would mean that it is never trimmed. */
export const QUEUE_EVENTS_MAX_LENGTH = 1_000;
