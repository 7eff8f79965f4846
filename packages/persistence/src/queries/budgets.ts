import type { BudgetAccount, Consumed } from '@millrace/engine';
import type { Queryable } from '../pool.js';

/** Opens the account of an execution, unless it is open. */
export async function openBudget(
  db: Queryable,
  executionId: string,
  { limit, used }: BudgetAccount,
): Promise<void> {
  await db.query({
    name: 'open_budget',
    text: `INSERT INTO budgets (execution_id, max_tokens, max_cost_usd, tokens, cost_usd) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
    values: [executionId, limit.tokens, limit.costUsd, used.tokens, used.costUsd],
  });
}

// The execution, and everything that waits for it. Parents are few: sub-workflows and parts of parts nest, and no more.
const PAYERS = `
  WITH RECURSIVE payers AS (
    SELECT $1::uuid AS id
    UNION ALL
    SELECT e.parent_id FROM payers p JOIN executions e ON e.id = p.id WHERE e.parent_id IS NOT NULL AND NOT e.detached
  )`;

/** The accounts that the calls of an execution go to: its own, and those of the executions that wait for it. */
export async function readBudgets(db: Queryable, executionId: string): Promise<BudgetAccount[]> {
  const { rows } = await db.query<{
    max_tokens: number | null;
    max_cost_usd: number | null;
    tokens: number;
    cost_usd: number;
  }>({
    name: 'read_budgets',
    text: `${PAYERS} SELECT b.* FROM payers p JOIN budgets b ON b.execution_id = p.id`,
    values: [executionId],
  });
  return rows.map((row) => ({
    limit: { tokens: row.max_tokens, costUsd: row.max_cost_usd },
    used: { tokens: row.tokens, costUsd: row.cost_usd },
  }));
}

/** Adds to all of them. Locked in order: many parts spend at once. */
export async function spendBudgets(db: Queryable, executionId: string, used: Consumed): Promise<void> {
  await db.query({
    name: 'spend_budgets',
    text: `${PAYERS},
           accounts AS MATERIALIZED (
             SELECT execution_id FROM budgets WHERE execution_id IN (SELECT id FROM payers)
             ORDER BY execution_id FOR UPDATE
           )
           UPDATE budgets b SET tokens = b.tokens + $2, cost_usd = b.cost_usd + $3
           FROM accounts a WHERE b.execution_id = a.execution_id`,
    values: [executionId, used.tokens, used.costUsd],
  });
}
