import type { Queryable } from '../pool.js';

export interface WorkerRegistration {
  workerId: string;
  host: string;
  pid: number;
  version: string;
  slots: number;
}

export async function registerWorker(
  db: Queryable,
  worker: WorkerRegistration,
  leaseSeconds: number,
): Promise<void> {
  await db.query({
    name: 'register_worker',
    text: `INSERT INTO workers (id, host, pid, version, slots, lease_until)
           VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    values: [worker.workerId, worker.host, worker.pid, worker.version, worker.slots, leaseSeconds],
  });
}

/** An execution that belongs to a worker, as the database sees it. */
export interface HeldExecution {
  executionId: string;
  epoch: number;
  /** It has messages nobody read. */
  hasUnread: boolean;
}

export interface Renewal {
  /** False: the lease is lost and every claim with it. */
  held: boolean;
  /** Everything this worker has, which it compares with what it believes to have. */
  executions: HeldExecution[];
}

const RENEW = `
  WITH renewed AS (
    UPDATE workers SET lease_until = now() + make_interval(secs => $2), renewed_at = now(), running = $3, draining = $4
    WHERE id = $1 AND lease_until > now() RETURNING id
  )
  SELECT EXISTS (SELECT 1 FROM renewed) AS held,
         (SELECT coalesce(json_agg(json_build_array(execution_id, epoch, inbox > inbox_read)), '[]')
          FROM execution_state WHERE worker_id = $1) AS executions`;

/** Renews the lease that covers every execution of a worker; one statement, whatever their number. */
export async function renewWorker(
  db: Queryable,
  workerId: string,
  load: { running: number; draining: boolean },
  leaseSeconds: number,
): Promise<Renewal> {
  const { rows } = await db.query<{ held: boolean; executions: [string, number, boolean][] }>({
    name: 'renew_worker',
    text: RENEW,
    values: [workerId, leaseSeconds, load.running, load.draining],
  });
  const row = rows[0];
  if (row === undefined) return { held: false, executions: [] };
  return {
    held: row.held,
    executions: row.executions.map(([executionId, epoch, hasUnread]) => ({ executionId, epoch, hasUnread })),
  };
}

/** A worker leaves on purpose. What it still holds is released by `releaseExecutions`. */
export async function deregisterWorker(db: Queryable, workerId: string): Promise<void> {
  await db.query('DELETE FROM workers WHERE id = $1', [workerId]);
}
