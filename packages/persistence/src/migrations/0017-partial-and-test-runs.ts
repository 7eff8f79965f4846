import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Executions that run to a step, and versions of what is only tested. */
export class PartialAndTestRuns1764000000017 implements MigrationInterface {
  name = 'PartialAndTestRuns1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    // Null: all of it runs.
    await runner.query('ALTER TABLE executions ADD COLUMN until_step text');

    // Published versions count from 1, versions of drafts that were tested from -1 downwards. One sequence for all
    // workflows, which never gives a number twice: compiled plans are remembered by it.
    await runner.query(`
      ALTER TABLE workflow_versions
        DROP CONSTRAINT workflow_versions_version_check,
        ADD CONSTRAINT workflow_versions_version_check CHECK (version <> 0)`);
    await runner.query('CREATE SEQUENCE test_versions AS int INCREMENT BY -1');
    await runner.query('GRANT USAGE ON SEQUENCE test_versions TO millrace_api');
    // The sweep of those that no execution is left of: the old ones, and whether there is any.
    await runner.query(
      'CREATE INDEX workflow_versions_tests ON workflow_versions (created_at) WHERE version < 0',
    );
    await runner.query(`
      CREATE INDEX executions_tests ON executions (workflow_id, workflow_version) WHERE workflow_version < 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX executions_tests');
    await runner.query('DROP INDEX workflow_versions_tests');
    await runner.query('DELETE FROM workflow_versions WHERE version < 0');
    await runner.query('DROP SEQUENCE test_versions');
    await runner.query(`
      ALTER TABLE workflow_versions
        DROP CONSTRAINT workflow_versions_version_check,
        ADD CONSTRAINT workflow_versions_version_check CHECK (version > 0)`);
    await runner.query('ALTER TABLE executions DROP COLUMN until_step');
  }
}
