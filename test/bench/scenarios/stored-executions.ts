import type pg from 'pg';

/**
 * Finished executions as if the workflow had run for a month, newest now, written past the product. Their logs are left
 * out: what is measured with them reads no event.
 */
export async function storeExecutions(pool: pg.Pool, workflowId: string, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at, root_id,
                             trace_id, steps_total, status, started_at, completed_at, steps_completed, result,
                             final_epoch, final_seq)
     SELECT made.id, $1, 1, u.id, u.id, '{"order": 1, "customer": "a name of usual length"}', at, made.id,
            '0123456789abcdef0123456789abcdef', 10, 'completed', at, at + interval '1 second', 10,
            '{"workflow_name": "stored", "steps_completed": 10, "output": {"order": 1, "index": 10}}', 1, 23
     FROM users u, (
       SELECT at, uuid7(at) AS id FROM (
         SELECT now() - interval '30 days' * n / $2::int AS at FROM generate_series(1, $2::int) n
       ) moments
     ) made
     WHERE u.username = 'user'`,
    [workflowId, count],
  );
  await pool.query('ANALYZE executions');
}
