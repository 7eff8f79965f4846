import type { IQueueBackend } from 'bullmq';
import { sleep } from '../deadline.js';
import type { Outage } from '../outage.js';

const PAUSE_AFTER_FAILURE_MS = 500;

/**
 * BullMQ's worker retries a failed fetch without any pause unless the error reads like a refused connection: a Postgres
 * that is starting, or a Redis that became a replica, would be asked thousands of times a second. This slows it down,
 * and tells the outage's begin and end from the one call that every idle worker makes.
 */
export function paced<B extends IQueueBackend>(backend: B, outage: Outage): B {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (token, name) => {
    try {
      const result: unknown[] = await moveToActive(token, name);
      outage.recovered();
      return result;
    } catch (error) {
      outage.failed(error);
      await sleep(PAUSE_AFTER_FAILURE_MS);
      throw error;
    }
  };
  return backend;
}
