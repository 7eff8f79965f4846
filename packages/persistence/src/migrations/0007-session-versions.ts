import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definerSearchPath } from './search-path.js';

/**
 * What ends sessions at once: access tokens and tickets name the version of their user's sessions they were issued
 * under, and a new password or a disabled account raises it. A number rather than a moment, because nobody's clock
 * decides then, and a log-in in the very second of the change still counts as one after it.
 *
 * And what keeps a transfer whole: an execution belongs to the owner of its workflow.
 */
export class SessionVersions1764000000007 implements MigrationInterface {
  name = 'SessionVersions1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN session_version int NOT NULL DEFAULT 0');
    // Null for a ticket that was asked for with an API key, which a new password does not end.
    await runner.query('ALTER TABLE stream_tickets ADD COLUMN session_version int');

    // Finished executions first: nobody writes to them any more, however many there are. Live ones are locked in the order
    // that appends lock them in, and only for as long as they take; what finished in between is caught at the end.
    const path = await definerSearchPath(runner);
    await runner.query(`
      CREATE FUNCTION give_executions_to_owner(wanted text) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${path} AS $$
      DECLARE
        new_owner uuid := (SELECT w.owner_id FROM workflows w WHERE w.id = wanted);
      BEGIN
        IF new_owner IS NULL THEN
          RETURN;
        END IF;
        UPDATE executions e SET owner_id = new_owner
        WHERE e.workflow_id = wanted AND e.owner_id <> new_owner AND e.status IS NOT NULL;
        PERFORM 1 FROM execution_state s WHERE s.workflow_id = wanted ORDER BY s.execution_id FOR UPDATE;
        UPDATE execution_state s SET owner_id = new_owner
        WHERE s.workflow_id = wanted AND s.owner_id <> new_owner;
        UPDATE executions e SET owner_id = new_owner
        WHERE e.workflow_id = wanted AND e.owner_id <> new_owner;
        UPDATE idempotency_keys k SET owner_id = new_owner
        WHERE k.workflow_id = wanted AND k.owner_id <> new_owner
          AND NOT EXISTS (
            SELECT 1 FROM idempotency_keys n
            WHERE n.owner_id = new_owner AND n.workflow_id = wanted AND n.key = k.key);
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION give_executions_to_owner(text) FROM PUBLIC');
    await runner.query(
      'GRANT EXECUTE ON FUNCTION give_executions_to_owner(text) TO millrace_api, millrace_engine',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION give_executions_to_owner(text)');
    await runner.query('ALTER TABLE stream_tickets DROP COLUMN session_version');
    await runner.query('ALTER TABLE users DROP COLUMN session_version');
  }
}
