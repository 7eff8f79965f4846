import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people look for among executions, how much gets done, what is waited for and kept, and who has decided what. */
export class ListsForPeople1764000000016 implements MigrationInterface {
  name = 'ListsForPeople1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    await this.executions(runner);
    await this.approvals(runner);
    await this.events(runner);
  }

  private async executions(runner: QueryRunner): Promise<void> {
    // Of failed and timed out ones. A column, because row-level security keeps what looks into JSON from an index.
    await runner.query('ALTER TABLE executions ADD COLUMN error_code text');
    // In two steps: the operator that answers with text fails on an error that holds \\u0000 anywhere.
    await runner.query(`
      UPDATE executions SET error_code = left((error -> 'code') #>> '{}', 200)
      WHERE status IN ('failed', 'timed_out') AND error IS NOT NULL`);
    // GET /executions?error_code=.
    await runner.query(`
      CREATE INDEX executions_error_code ON executions (error_code, id DESC) WHERE error_code IS NOT NULL`);
    // GET /executions?submitted_by=: what somebody else submitted than the owner. The rest is the owner's list.
    await runner.query(`
      CREATE INDEX executions_submitted ON executions (submitted_by, id DESC) WHERE submitted_by <> owner_id`);
    // GET /workflows/{id}/executions, newest first; of one version, which is looked for in the index alone.
    await runner.query('DROP INDEX executions_workflow');
    await runner.query(
      'CREATE INDEX executions_workflow ON executions (workflow_id, id DESC, workflow_version)',
    );
    // GET /operations: what ended in each of the last minutes.
    await runner.query(`
      CREATE INDEX executions_completed ON executions (completed_at) WHERE completed_at IS NOT NULL`);
  }

  private async approvals(runner: QueryRunner): Promise<void> {
    // Usernames, as in decisions: what a list can look for.
    await runner.query("ALTER TABLE approvals ADD COLUMN decided_by text[] NOT NULL DEFAULT '{}'");
    await runner.query(`
      UPDATE approvals
      SET decided_by = ARRAY(SELECT (d -> 'by') #>> '{}' FROM json_array_elements(decisions) AS d)
      WHERE json_array_length(decisions) > 0`);
    // GET /approvals?status=open of an owner, and their number.
    await runner.query(
      "CREATE INDEX approvals_owner_open ON approvals (owner_id, id DESC) WHERE status = 'open'",
    );
  }

  private async events(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE event_waits ADD COLUMN deadline timestamptz');
    // GET /event-waits of an owner, the newest execution first.
    await runner.query(`
      CREATE INDEX event_waits_owner ON event_waits (owner_id, execution_id, step_id, iteration, attempt)
      WHERE status = 'open'`);
    // GET /events of an owner, newest first.
    await runner.query('CREATE INDEX external_events_owner ON external_events (owner_id, id DESC)');
    await runner.query('GRANT SELECT ON event_waits, external_events TO millrace_api');
    for (const table of ['event_waits', 'external_events']) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY ${table}_engine ON ${table} TO millrace_engine USING (true) WITH CHECK (true)`,
      );
      await runner.query(`
        CREATE POLICY ${table}_caller ON ${table} FOR SELECT TO millrace_api
        USING (owner_id = (SELECT caller_id()) OR (SELECT caller_is_admin()))`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['event_waits', 'external_events']) {
      await runner.query(`DROP POLICY ${table}_engine ON ${table}`);
      await runner.query(`DROP POLICY ${table}_caller ON ${table}`);
      await runner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    }
    await runner.query('REVOKE ALL ON event_waits, external_events FROM millrace_api');
    await runner.query('DROP INDEX external_events_owner');
    await runner.query('DROP INDEX event_waits_owner');
    await runner.query('ALTER TABLE event_waits DROP COLUMN deadline');
    await runner.query('DROP INDEX approvals_owner_open');
    await runner.query('ALTER TABLE approvals DROP COLUMN decided_by');
    for (const index of ['completed', 'workflow', 'submitted', 'error_code']) {
      await runner.query(`DROP INDEX executions_${index}`);
    }
    await runner.query('CREATE INDEX executions_workflow ON executions (workflow_id, id DESC)');
    await runner.query('ALTER TABLE executions DROP COLUMN error_code');
  }
}
