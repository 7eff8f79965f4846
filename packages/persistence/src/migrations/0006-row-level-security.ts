import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE } from './table.js';
import { definerSearchPath } from './search-path.js';

const ENGINE_TABLES = [
  'users',
  'refresh_tokens',
  'api_keys',
  'stream_tickets',
  'login_failures',
  'workflows',
  'workflow_versions',
  'drafts',
  'executions',
  'execution_state',
  'execution_events',
  'execution_snapshots',
  'signals',
  'idempotency_keys',
  'workers',
  'blobs',
  'step_logs',
];

/** Tables whose rows belong to the execution they name, so that its policy decides. */
const OF_AN_EXECUTION = ['execution_events', 'blobs', 'step_logs'];

/**
 * Two roles, taken by SET ROLE: `millrace_engine` (workers, scheduler, the runtime) sees every row;
 * `millrace_api` (the gateway's reads and edits) sees what belongs to the caller named in `millrace.user_id`,
 * or everything where `millrace.admin` is `on`. Both are set per transaction. Without them: no rows.
 */
export class RowLevelSecurity1764000000006 implements MigrationInterface {
  name = 'RowLevelSecurity1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    const tables = ENGINE_TABLES.join(', ');
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO millrace_engine`);
    await runner.query(`
      GRANT SELECT, INSERT, UPDATE, DELETE
      ON users, refresh_tokens, api_keys, stream_tickets, login_failures, workflows, drafts TO millrace_api`);
    await runner.query('GRANT SELECT, INSERT ON workflow_versions TO millrace_api');
    await runner.query(
      'GRANT SELECT ON executions, execution_state, execution_events, blobs, step_logs, workers TO millrace_api',
    );
    // Every process asserts at its start that the schema is its own.
    await runner.query(`GRANT SELECT ON ${MIGRATIONS_TABLE} TO millrace_engine, millrace_api`);

    await runner.query(`
      CREATE FUNCTION caller_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT nullif(current_setting('millrace.user_id', true), '')::uuid
      $$`);
    await runner.query(`
      CREATE FUNCTION caller_is_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT coalesce(current_setting('millrace.admin', true), '') = 'on'
      $$`);

    // The sub-selects make Postgres ask once per query, not once per row.
    const own = 'owner_id = (SELECT caller_id()) OR (SELECT caller_is_admin())';
    for (const table of ['workflows', 'executions', 'execution_state']) {
      await this.protect(runner, table, own);
    }
    for (const table of ['workflow_versions', 'drafts']) {
      await this.protect(runner, table, 'EXISTS (SELECT 1 FROM workflows w WHERE w.id = workflow_id)');
    }
    for (const table of OF_AN_EXECUTION) {
      await this.protect(runner, table, 'EXISTS (SELECT 1 FROM executions e WHERE e.id = execution_id)');
    }

    const path = await definerSearchPath(runner);
    // Tells a foreign id (403) from an unknown one (404) and gives away nothing else.
    await runner.query(`
      CREATE FUNCTION workflow_access(wanted text, OUT owner_id uuid, OUT deleted boolean)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${path} AS $$
        SELECT w.owner_id, w.deleted_at IS NOT NULL FROM workflows w WHERE w.id = wanted
      $$`);
    await runner.query(`
      CREATE FUNCTION execution_access(wanted uuid, OUT owner_id uuid, OUT workflow_id text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${path} AS $$
        SELECT e.owner_id, e.workflow_id FROM executions e WHERE e.id = wanted
      $$`);
    // Search and filters on metadata (a tag is one): under row-level security the operators @@ and @> are not
    // leakproof, so a plain query loses its GIN index (0.1 ms becomes 25 ms at 100,000 rows). The owner is an argument
    // here, null for all; the other filters and the page are arguments too, so that a word found everywhere does not
    // answer with everything. Custom plans: a generic one cannot leave out the conditions whose argument is null.
    // MATERIALIZED: matches first, then their order. Left free, the planner walks all workflows from the newest and
    // reads each one's text, which for a rare word is the whole table.
    await runner.query(`
      CREATE FUNCTION search_workflows(
        wanted_owner uuid, query text, wanted_metadata jsonb, wanted_status text, before uuid, maximum int)
      RETURNS TABLE (id text)
      LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
      SET search_path = ${path} SET plan_cache_mode = force_custom_plan AS $$
      BEGIN
        IF NOT caller_is_admin() AND (wanted_owner IS NULL OR wanted_owner IS DISTINCT FROM caller_id()) THEN
          RETURN;
        END IF;
        RETURN QUERY
          WITH found AS MATERIALIZED (
            SELECT w.id, w.sort_key FROM workflows w
            WHERE w.deleted_at IS NULL
              AND (wanted_owner IS NULL OR w.owner_id = wanted_owner)
              AND (query IS NULL OR w.search @@ to_tsquery('simple', query))
              AND (wanted_metadata IS NULL OR w.metadata @> wanted_metadata)
              AND (wanted_status IS NULL OR w.status = wanted_status)
              AND (before IS NULL OR w.sort_key < before)
          )
          SELECT f.id FROM found f ORDER BY f.sort_key DESC LIMIT maximum;
      END $$`);
    for (const name of [
      'workflow_access(text)',
      'execution_access(uuid)',
      'search_workflows(uuid, text, jsonb, text, uuid, int)',
    ]) {
      await runner.query(`REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`);
      await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO millrace_api, millrace_engine`);
    }
    await runner.query('REVOKE ALL ON FUNCTION create_partitions(timestamptz, timestamptz) FROM PUBLIC');
    await runner.query(
      'GRANT EXECUTE ON FUNCTION create_partitions(timestamptz, timestamptz) TO millrace_engine',
    );
  }

  private async protect(runner: QueryRunner, table: string, condition: string): Promise<void> {
    await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
    await runner.query(
      `CREATE POLICY ${table}_engine ON ${table} TO millrace_engine USING (true) WITH CHECK (true)`,
    );
    await runner.query(
      `CREATE POLICY ${table}_caller ON ${table} TO millrace_api USING (${condition}) WITH CHECK (${condition})`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION search_workflows(uuid, text, jsonb, text, uuid, int)');
    await runner.query('DROP FUNCTION execution_access(uuid)');
    await runner.query('DROP FUNCTION workflow_access(text)');
    const protectedTables = [
      'workflows',
      'executions',
      'execution_state',
      'workflow_versions',
      'drafts',
      ...OF_AN_EXECUTION,
    ];
    for (const table of protectedTables) {
      await runner.query(`DROP POLICY ${table}_engine ON ${table}`);
      await runner.query(`DROP POLICY ${table}_caller ON ${table}`);
      await runner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    }
    await runner.query('DROP FUNCTION caller_is_admin()');
    await runner.query('DROP FUNCTION caller_id()');
    const tables = ENGINE_TABLES.join(', ');
    await runner.query(`REVOKE ALL ON ${tables}, ${MIGRATIONS_TABLE} FROM millrace_engine, millrace_api`);
  }
}
