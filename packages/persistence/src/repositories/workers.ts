import type { Session } from './session.js';

export interface WorkerCount {
  /** Workers whose lease runs. */
  live: number;
  /** Of these, those that take no new executions. */
  draining: number;
  /** Executions the live ones may run at once, and how many they are running. */
  slots: number;
  running: number;
}

export interface WorkerRepository {
  count(): Promise<WorkerCount>;
}

export function workerRepository(session: Session): WorkerRepository {
  return {
    async count() {
      const [row] = await session.rows<WorkerCount>(
        `SELECT count(*)::int AS live, count(*) FILTER (WHERE draining)::int AS draining,
           coalesce(sum(slots), 0)::int AS slots, coalesce(sum(running), 0)::int AS running
         FROM workers WHERE lease_until > now()`,
      );
      return row ?? { live: 0, draining: 0, slots: 0, running: 0 };
    },
  };
}
