import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lines of iterations beside each other, and what the model calls of an execution consumed. */
export class IterationsAndUsage1764000000012 implements MigrationInterface {
  name = 'IterationsAndUsage1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    // Numbers rather than text: the key is the order in which lines are read, and 10 comes after 9.
    await runner.query(`
      ALTER TABLE step_logs
        -- '{}' at the top level, as everywhere before there were bodies.
        ADD COLUMN iteration int[] NOT NULL DEFAULT '{}',
        DROP CONSTRAINT step_logs_pkey,
        ADD PRIMARY KEY (execution_id, step_id, iteration, attempt, line)`);
    // Null where no model was called, so that other executions pay nothing.
    await runner.query('ALTER TABLE execution_state ADD COLUMN usage json');
    await runner.query('ALTER TABLE executions ADD COLUMN usage json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE executions DROP COLUMN usage');
    await runner.query('ALTER TABLE execution_state DROP COLUMN usage');
    // Without the iteration their numbers would not be their identity any more.
    await runner.query("DELETE FROM step_logs WHERE iteration <> '{}'");
    await runner.query(`
      ALTER TABLE step_logs
        DROP CONSTRAINT step_logs_pkey,
        ADD PRIMARY KEY (execution_id, step_id, attempt, line),
        DROP COLUMN iteration`);
  }
}
