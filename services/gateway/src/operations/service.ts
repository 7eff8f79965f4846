import type { OperationsResource, WorkerResource } from '@millrace/contracts';
import {
  countQueue,
  type EndedMinute,
  readEndedMinutes,
  readWorkers,
  type WorkerRecord,
} from '@millrace/persistence';
import { unavailable } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { isoTime } from '../http/dates.js';
import { toLatency, toThroughput } from './latency.js';

export interface Operations {
  /** Measured once a second at most, however many ask. */
  read(): Promise<OperationsResource>;
}

const MINUTE_MS = 60_000;
const MINUTES = 60;
const WINDOWS_SECONDS = [900, 3_600];
const MAX_WORKERS = 500;
/** A minute that has been over for so long does not change any more: whatever was ending in it is committed. */
const SETTLED_MS = 60_000;
const FRESH_MS = 1_000;

type Needs = Pick<GatewayContext, 'pool' | 'messaging' | 'runtime'>;

export function createOperations({ pool, messaging, runtime }: Needs): Operations {
  const settled = new Map<number, EndedMinute>();
  let latest: { at: number; answer: Promise<OperationsResource> } | undefined;

  /** The last hour by the minute. What is over is read once, so that asking again costs two minutes. */
  async function readMinutes(now: Date): Promise<EndedMinute[]> {
    const current = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
    const wanted = Array.from({ length: MINUTES }, (_, n) => current - (MINUTES - 1 - n) * MINUTE_MS);
    for (const minute of settled.keys()) if (minute < (wanted[0] ?? 0)) settled.delete(minute);
    const missing = wanted.filter((minute) => !settled.has(minute)).map((minute) => new Date(minute));
    const read = await readEndedMinutes(pool, missing);
    const found = new Map([...settled, ...read.map((each) => [each.minute.getTime(), each] as const)]);
    for (const each of read) {
      const minute = each.minute.getTime();
      if (minute + MINUTE_MS + SETTLED_MS <= now.getTime()) settled.set(minute, each);
    }
    return wanted.flatMap((minute) => found.get(minute) ?? []);
  }

  async function measure(): Promise<OperationsResource> {
    const counts = await countQueue(pool);
    if (counts === undefined) throw unavailable('The queue could not be counted');
    const { now, oldestSeconds, queued, running, waiting, paused, runnable } = counts;
    const [workers, minutes, hints] = await Promise.all([
      readWorkers(pool, MAX_WORKERS),
      readMinutes(now),
      messaging.queue.depth().catch(() => null),
    ]);
    return {
      measured_at: isoTime(now),
      queue: {
        ...{ queued, running, waiting, paused, runnable },
        oldest_runnable_seconds: oldestSeconds,
        hints: hints && { waiting: hints.waiting, active: hints.active },
        window_size: runtime.settings.windowSize,
      },
      workers: workers.map(toWorkerResource),
      throughput: minutes.map((minute) => toThroughput(minute, now)),
      latency: WINDOWS_SECONDS.map((seconds) => toLatency(minutes, now, seconds)),
    };
  }

  return {
    read() {
      const at = performance.now();
      if (latest === undefined || at - latest.at > FRESH_MS) latest = { at, answer: measure() };
      return latest.answer;
    },
  };
}

function toWorkerResource(worker: WorkerRecord): WorkerResource {
  const { id, host, pid, version, slots, running, draining, isAlive } = worker;
  return {
    worker_id: id,
    ...{ host, pid, version },
    state: isAlive ? (draining ? 'draining' : 'alive') : 'lost',
    started_at: isoTime(worker.startedAt),
    heartbeat_at: isoTime(worker.renewedAt),
    heartbeat_age_seconds: worker.ageSeconds,
    slots,
    busy: running,
  };
}
