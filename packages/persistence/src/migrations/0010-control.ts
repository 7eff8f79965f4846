import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A failure that nobody has dealt with: no child whose parent reports it, not retried, not discarded. */
const DEAD = 'error_fingerprint IS NOT NULL AND resolved_at IS NULL AND (parent_id IS NULL OR detached)';

/** Failures by what they have in common, and what became of them; executions that came of others. */
export class Control1764000000010 implements MigrationInterface {
  name = 'Control1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE executions
        -- 32 hexadecimal digits, equal for failures of one cause; of failed and timed out ones only.
        ADD COLUMN error_fingerprint text CHECK (error_fingerprint ~ '^[0-9a-f]{32}$'),
        -- A child that nobody waits for: its failure is its own.
        ADD COLUMN detached boolean NOT NULL DEFAULT false,
        -- Whoever retried or discarded it, so that it is not done twice.
        ADD COLUMN resolved_at timestamptz,
        ADD COLUMN resolved_by uuid,
        ADD COLUMN resolution text CHECK (resolution IN ('retried', 'discarded')),
        ADD CHECK ((resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)),
        ADD CHECK (error_fingerprint IS NULL OR status IN ('failed', 'timed_out'))`);
    // All of them partial: an execution that succeeds pays for none.
    // GET /dead-letters: of an owner, of a workflow, of everybody.
    await runner.query(`
      CREATE INDEX executions_dead_letters ON executions (owner_id, workflow_id, error_fingerprint, completed_at)
      WHERE ${DEAD}`);
    // GET /dead-letters/{fingerprint}/executions; redrive and discard.
    await runner.query(`
      CREATE INDEX executions_dead_letter ON executions (error_fingerprint, id DESC) WHERE ${DEAD}`);
    // GET /executions?error_fingerprint=.
    await runner.query(`
      CREATE INDEX executions_error_fingerprint ON executions (error_fingerprint, id DESC)
      WHERE error_fingerprint IS NOT NULL`);
    // GET /executions?retry_of=; whether a failure was retried already.
    await runner.query(`
      CREATE INDEX executions_retries ON executions (retry_of, id DESC) WHERE retry_of IS NOT NULL`);
    // GET /executions?parent_id=.
    await runner.query(`
      CREATE INDEX executions_children ON executions (parent_id, id DESC) WHERE parent_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of ['dead_letters', 'dead_letter', 'error_fingerprint', 'retries', 'children']) {
      await runner.query(`DROP INDEX executions_${index}`);
    }
    await runner.query(`
      ALTER TABLE executions
        DROP COLUMN error_fingerprint, DROP COLUMN detached, DROP COLUMN resolved_at, DROP COLUMN resolved_by,
        DROP COLUMN resolution`);
  }
}
