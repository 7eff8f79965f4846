import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What model calls have used of the budget of an execution, told by everybody who works for it. */
export class Budgets1764000000013 implements MigrationInterface {
  name = 'Budgets1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    // Beside execution_state: few executions have a budget, and their calls must not hold up the appends of that row.
    await runner.query(`
      CREATE TABLE budgets (
        execution_id uuid PRIMARY KEY,
        -- Null is unlimited; one of them is a limit.
        max_tokens bigint,
        max_cost_usd double precision,
        tokens bigint NOT NULL,
        cost_usd double precision NOT NULL,
        CHECK (max_tokens IS NOT NULL OR max_cost_usd IS NOT NULL)
      )`);
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON budgets TO millrace_engine');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE budgets');
  }
}
