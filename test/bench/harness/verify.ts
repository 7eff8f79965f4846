import type pg from 'pg';
import { EVENTS, STEPS } from './workflows.js';
import { until } from './wait.js';

/** Resolves when no execution of the workflow is live. Asked by an index, fifty times a second, for every contender. */
export async function drained(pool: pg.Pool, workflowId: string, timeoutMs = 300_000): Promise<void> {
  await until(
    `the executions of ${workflowId}`,
    async () => {
      const { rows } = await pool.query<{ live: boolean }>({
        name: 'bench_live',
        text: 'SELECT EXISTS (SELECT 1 FROM execution_state WHERE workflow_id = $1) AS live',
        values: [workflowId],
      });
      return rows[0]?.live === false;
    },
    { timeoutMs },
  );
}

/**
 * Throws unless exactly `count` executions of the workflow completed with all their steps and a log of 23 events
 * without a gap. A figure about executions that went wrong would be worth nothing.
 */
export async function verifyCompleted(pool: pg.Pool, workflowId: string, count: number): Promise<void> {
  const { rows } = await pool.query<{ executions: number; perfect: number }>(
    `SELECT count(*)::int AS executions,
            count(*) FILTER (WHERE x.status = 'completed' AND x.steps_completed = $2 AND x.final_seq = $3
                             AND e.events = $3 AND e.first = 1 AND e.last = $3)::int AS perfect
     FROM executions x
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS events, min(seq) AS first, max(seq) AS last
       FROM execution_events v WHERE v.execution_id = x.id
     ) e
     WHERE x.workflow_id = $1`,
    [workflowId, STEPS, EVENTS],
  );
  const { executions = 0, perfect = 0 } = rows[0] ?? {};
  if (executions === count && perfect === count) return;
  throw new Error(
    `${workflowId}: ${count} were submitted, ${executions} are stored, ${perfect} completed with ${EVENTS} events`,
  );
}
