import type { Queryable } from '../pool.js';
import type { CountRecord } from '../repositories/execution-counts.js';

/** Live executions by status, and those that could start this moment. */
export interface QueueCounts {
  /** The database's clock. */
  now: Date;
  queued: CountRecord;
  running: CountRecord;
  waiting: CountRecord;
  paused: CountRecord;
  runnable: CountRecord;
  /** Since the oldest queued execution without a worker was submitted; null where there is none. */
  oldestSeconds: number | null;
}

/** Counting stops there: an operator learns no more from the digits behind. */
const COUNT_LIMIT = 100_000;

const counted = (condition: string): string =>
  `(SELECT count(*) FROM (SELECT 1 FROM execution_state WHERE ${condition} LIMIT ${String(COUNT_LIMIT + 1)}) x)::int`;

const QUEUE = `
  SELECT now() AS now, ${counted("status = 'queued'")} AS queued, ${counted("status = 'running'")} AS running,
    ${counted("status = 'waiting'")} AS waiting, ${counted("status = 'paused'")} AS paused,
    ${counted('redispatch_at IS NOT NULL')} AS runnable,
    (SELECT extract(epoch FROM now() - e.created_at)::float8
     FROM execution_state s JOIN executions e ON e.id = s.execution_id
     WHERE s.status = 'queued' AND s.redispatch_at IS NOT NULL
     ORDER BY s.execution_id LIMIT 1) AS oldest_seconds`;

export async function countQueue(db: Queryable): Promise<QueueCounts | undefined> {
  const { rows } = await db.query<
    Record<'queued' | 'running' | 'waiting' | 'paused' | 'runnable', number> & {
      now: Date;
      oldest_seconds: number | null;
    }
  >({ name: 'count_queue', text: QUEUE });
  const [row] = rows;
  if (row === undefined) return undefined;
  const bounded = (count: number): CountRecord => ({
    count: Math.min(count, COUNT_LIMIT),
    exact: count <= COUNT_LIMIT,
  });
  return {
    now: row.now,
    queued: bounded(row.queued),
    running: bounded(row.running),
    waiting: bounded(row.waiting),
    paused: bounded(row.paused),
    runnable: bounded(row.runnable),
    oldestSeconds: row.oldest_seconds,
  };
}

export interface WorkerRecord {
  id: string;
  host: string;
  pid: number;
  version: string;
  slots: number;
  /** As of the last renewal of the lease. */
  running: number;
  draining: boolean;
  startedAt: Date;
  renewedAt: Date;
  /** Since then, by the database's clock. */
  ageSeconds: number;
  /** Its lease runs. */
  isAlive: boolean;
}

/** Those whose lease ends last come first, so the lost ones are at the end. */
export async function readWorkers(db: Queryable, limit: number): Promise<WorkerRecord[]> {
  const { rows } = await db.query<{
    id: string;
    host: string;
    pid: number;
    version: string;
    slots: number;
    running: number;
    draining: boolean;
    started_at: Date;
    renewed_at: Date;
    age_seconds: number;
    is_alive: boolean;
  }>({
    name: 'read_workers',
    text: `SELECT id, host, pid, version, slots, running, draining, started_at, renewed_at,
                  greatest(0, extract(epoch FROM now() - renewed_at))::float8 AS age_seconds,
                  lease_until > now() AS is_alive
           FROM workers ORDER BY lease_until DESC LIMIT $1`,
    values: [limit],
  });
  return rows.map(({ started_at, renewed_at, age_seconds, is_alive, ...row }) => ({
    ...row,
    startedAt: started_at,
    renewedAt: renewed_at,
    ageSeconds: age_seconds,
    isAlive: is_alive,
  }));
}

/** What ended in one minute. */
export interface EndedMinute {
  /** When it began. */
  minute: Date;
  completed: number;
  failed: number;
  cancelled: number;
  timedOut: number;
  /** Those of them that had begun. */
  started: number;
  /** Undefined where all of the minute was counted, else the moment up to which it was. */
  countedUntil: Date | undefined;
  /** Seconds from submission to the first step, and from there to the end, of the same executions. */
  waits: number[];
  durations: number[];
}

/** So many ends of a minute are counted, and so many of these are measured, evenly spread. */
const COUNTED_PER_MINUTE = 2_000;
const MEASURED_PER_MINUTE = 200;

// One probe of the index per minute, which ends after a fixed number of rows: the cost does not grow with what is
// stored, nor with what gets done.
const ENDED = `
  SELECT m.minute, count(x.n)::int AS counted, max(x.completed_at) AS last,
    count(*) FILTER (WHERE x.status = 'completed')::int AS completed,
    count(*) FILTER (WHERE x.status = 'failed')::int AS failed,
    count(*) FILTER (WHERE x.status = 'cancelled')::int AS cancelled,
    count(*) FILTER (WHERE x.status = 'timed_out')::int AS timed_out,
    count(x.started_at)::int AS started,
    coalesce(array_agg(extract(epoch FROM x.started_at - x.created_at)::float8) FILTER (WHERE x.is_measured), '{}')
      AS waits,
    coalesce(array_agg(extract(epoch FROM x.completed_at - x.started_at)::float8) FILTER (WHERE x.is_measured), '{}')
      AS durations
  FROM unnest($1::timestamptz[]) AS m(minute)
  LEFT JOIN LATERAL (
    SELECT y.*, y.started_at IS NOT NULL
             AND (y.n - 1) % greatest(1, y.total / ${String(MEASURED_PER_MINUTE)}) = 0 AS is_measured
    FROM (
      SELECT z.*, row_number() OVER (ORDER BY z.completed_at) AS n, count(*) OVER () AS total
      FROM (
        SELECT e.status, e.created_at, e.started_at, e.completed_at FROM executions e
        WHERE e.completed_at >= m.minute AND e.completed_at < m.minute + interval '1 minute'
        ORDER BY e.completed_at LIMIT ${String(COUNTED_PER_MINUTE)}) z) y) x ON true
  GROUP BY m.minute ORDER BY m.minute`;

/** Minutes in order, each as it was given. */
export async function readEndedMinutes(db: Queryable, minutes: readonly Date[]): Promise<EndedMinute[]> {
  const { rows } = await db.query<{
    minute: Date;
    counted: number;
    last: Date | null;
    completed: number;
    failed: number;
    cancelled: number;
    timed_out: number;
    started: number;
    waits: number[];
    durations: number[];
  }>({ name: 'ended_minutes', text: ENDED, values: [minutes] });
  return rows.map(({ counted: rowsCounted, last, timed_out: timedOut, ...row }) => ({
    ...row,
    timedOut,
    countedUntil: rowsCounted < COUNTED_PER_MINUTE ? undefined : (last ?? undefined),
  }));
}
