import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definerSearchPath } from './search-path.js';

const SEARCH = 'search_workflows(uuid, text, jsonb, text, uuid, int)';
const SORTED_SEARCH = 'search_workflows(uuid, text, jsonb, text, text, text, timestamptz, uuid, int)';

/** What versions say of themselves, lists of workflows in other orders, and of deleted workflows. */
export class WorkflowListsAndVersions1764000000015 implements MigrationInterface {
  name = 'WorkflowListsAndVersions1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE workflow_versions
        -- Repeated from the definition, so that a list of versions need not read it.
        ADD COLUMN name text NOT NULL DEFAULT '',
        ADD COLUMN node_count int NOT NULL DEFAULT 0 CHECK (node_count >= 0),
        -- The earlier version whose content it has.
        ADD COLUMN restored_from int CHECK (restored_from > 0)`);
    await runner.query('ALTER TABLE workflow_versions DISABLE TRIGGER workflow_versions_immutable');
    // Part by part: the operator that answers with text fails on a definition that holds \\u0000 anywhere.
    await runner.query(`
      UPDATE workflow_versions
      SET name = coalesce((definition -> 'name') #>> '{}', ''),
          node_count = coalesce(json_array_length(definition -> 'nodes'), 0)`);
    await runner.query('ALTER TABLE workflow_versions ENABLE TRIGGER workflow_versions_immutable');

    // What lists are ordered by name with: short enough for a cursor, and capitals make no difference.
    await runner.query(`
      ALTER TABLE workflows ADD COLUMN name_key text NOT NULL GENERATED ALWAYS AS (left(lower(name), 64)) STORED`);
    // GET /workflows?sort=updated_at, of one owner and of an admin.
    await runner.query(`
      CREATE INDEX workflows_owner_updated ON workflows (owner_id, updated_at DESC, sort_key DESC)
      WHERE deleted_at IS NULL`);
    await runner.query(`
      CREATE INDEX workflows_updated ON workflows (updated_at DESC, sort_key DESC) WHERE deleted_at IS NULL`);
    // GET /workflows?sort=name, of one owner and of an admin.
    await runner.query(`
      CREATE INDEX workflows_owner_name ON workflows (owner_id, name_key, sort_key) WHERE deleted_at IS NULL`);
    await runner.query(
      'CREATE INDEX workflows_name ON workflows (name_key, sort_key) WHERE deleted_at IS NULL',
    );
    // GET /workflows?deleted=true, of one owner and of an admin.
    await runner.query(`
      CREATE INDEX workflows_owner_deleted ON workflows (owner_id, deleted_at DESC, sort_key DESC)
      WHERE deleted_at IS NOT NULL`);
    await runner.query(`
      CREATE INDEX workflows_deleted ON workflows (deleted_at DESC, sort_key DESC) WHERE deleted_at IS NOT NULL`);
    await this.replaceSearch(runner);
  }

  /** As it was, in three orders: `after_name` or `after_time`, with `after_key`, say where the page before ended. */
  private async replaceSearch(runner: QueryRunner): Promise<void> {
    const path = await definerSearchPath(runner);
    await runner.query(`DROP FUNCTION ${SEARCH}`);
    await runner.query(`
      CREATE FUNCTION search_workflows(
        wanted_owner uuid, query text, wanted_metadata jsonb, wanted_status text, sorting text,
        after_name text, after_time timestamptz, after_key uuid, maximum int)
      RETURNS TABLE (id text)
      LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
      SET search_path = ${path} SET plan_cache_mode = force_custom_plan AS $$
      BEGIN
        IF NOT caller_is_admin() AND (wanted_owner IS NULL OR wanted_owner IS DISTINCT FROM caller_id()) THEN
          RETURN;
        END IF;
        RETURN QUERY
          WITH found AS MATERIALIZED (
            SELECT w.id, w.sort_key,
                   CASE sorting WHEN 'updated_at' THEN w.updated_at END AS sort_time,
                   CASE sorting WHEN 'name' THEN w.name_key END AS sort_name
            FROM workflows w
            WHERE w.deleted_at IS NULL
              AND (wanted_owner IS NULL OR w.owner_id = wanted_owner)
              AND (query IS NULL OR w.search @@ to_tsquery('simple', query))
              AND (wanted_metadata IS NULL OR w.metadata @> wanted_metadata)
              AND (wanted_status IS NULL OR w.status = wanted_status)
          )
          SELECT f.id FROM found f
          WHERE after_key IS NULL OR CASE sorting
            WHEN 'name' THEN (f.sort_name, f.sort_key) > (after_name, after_key)
            WHEN 'updated_at' THEN (f.sort_time, f.sort_key) < (after_time, after_key)
            ELSE f.sort_key < after_key END
          ORDER BY f.sort_time DESC, f.sort_name,
            CASE sorting WHEN 'name' THEN f.sort_key END, f.sort_key DESC
          LIMIT maximum;
      END $$`);
    await this.grant(runner, SORTED_SEARCH);
  }

  private async restoreSearch(runner: QueryRunner): Promise<void> {
    const path = await definerSearchPath(runner);
    await runner.query(`DROP FUNCTION ${SORTED_SEARCH}`);
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
    await this.grant(runner, SEARCH);
  }

  private async grant(runner: QueryRunner, signature: string): Promise<void> {
    await runner.query(`REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`);
    await runner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO millrace_api, millrace_engine`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.restoreSearch(runner);
    for (const index of ['owner_updated', 'updated', 'owner_name', 'name', 'owner_deleted', 'deleted']) {
      await runner.query(`DROP INDEX workflows_${index}`);
    }
    await runner.query('ALTER TABLE workflows DROP COLUMN name_key');
    await runner.query(`
      ALTER TABLE workflow_versions DROP COLUMN name, DROP COLUMN node_count, DROP COLUMN restored_from`);
  }
}
