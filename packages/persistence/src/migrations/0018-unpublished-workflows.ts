import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workflows that are still being drawn: version 0, which is none. */
export class UnpublishedWorkflows1764000000018 implements MigrationInterface {
  name = 'UnpublishedWorkflows1764000000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE workflows
        DROP CONSTRAINT workflows_version_check,
        ADD CONSTRAINT workflows_version_check CHECK (version > 0 OR (version = 0 AND status = 'draft'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // They have no version that anything could be about; their drafts go with them.
    await runner.query('DELETE FROM workflows WHERE version = 0');
    await runner.query(`
      ALTER TABLE workflows
        DROP CONSTRAINT workflows_version_check,
        ADD CONSTRAINT workflows_version_check CHECK (version > 0)`);
  }
}
