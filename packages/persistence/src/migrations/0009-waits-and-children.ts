import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definerSearchPath } from './search-path.js';

const TABLES = [
  'children',
  'approvals',
  'approval_approvers',
  'event_waits',
  'external_events',
  'event_receipts',
];

/**
 * What an execution waits for outside itself: child executions, people, external events. The top level of an
 * execution is the iteration `''` here, so that it can be part of a key.
 */
export class WaitsAndChildren1764000000009 implements MigrationInterface {
  name = 'WaitsAndChildren1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE executions
        ADD COLUMN parent_id uuid,
        ADD COLUMN parent_step text,
        ADD COLUMN parent_iteration text,
        ADD COLUMN depth int NOT NULL DEFAULT 0 CHECK (depth >= 0),
        -- The part of a large map that a child execution works through.
        ADD COLUMN shard json`);
    // True while something outside the row has to hear of the end: a parent, a callback, children, open waits.
    await runner.query('ALTER TABLE execution_state ADD COLUMN follow_up boolean NOT NULL DEFAULT false');
    await runner.query('ALTER TABLE signals DROP CONSTRAINT signals_kind_check');
    await runner.query(`
      ALTER TABLE signals ADD CONSTRAINT signals_kind_check
      CHECK (kind IN ('cancel', 'pause', 'resume', 'skip', 'approval', 'event', 'child'))`);
    await runner.query('DROP INDEX execution_state_unread');
    // Suspended executions with a message nobody read; of the paused ones those that were told to go on or to end.
    await runner.query(`
      CREATE INDEX execution_state_unread ON execution_state (execution_id)
      WHERE status IN ('waiting', 'paused') AND inbox > inbox_read AND redispatch_at IS NULL`);
    await this.createChildren(runner);
    await this.createApprovals(runner);
    await this.createEvents(runner);
    await this.replaceTransfer(runner);
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO millrace_engine`);
    await this.protectApprovals(runner);
  }

  private async createChildren(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE children (
        parent_id uuid NOT NULL,
        step_id text NOT NULL,
        iteration text NOT NULL,
        attempt int NOT NULL,
        slot int NOT NULL,
        child_id uuid NOT NULL,
        -- Nobody waits for its outcome, and it goes on when its parent ends.
        detached boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        delivered_at timestamptz,
        PRIMARY KEY (parent_id, step_id, iteration, attempt, slot),
        CHECK (delivered_at IS NULL OR finished_at IS NOT NULL)
      )`);
    // The flush that ends a child marks it; the delivery of its outcome finds it again.
    await runner.query('CREATE UNIQUE INDEX children_child ON children (child_id)');
    // The sweep of outcomes that were not delivered.
    await runner.query(`
      CREATE INDEX children_undelivered ON children (finished_at)
      WHERE finished_at IS NOT NULL AND delivered_at IS NULL AND NOT detached`);
    // The sweep of children whose parent has ended; cancelling the children of a step.
    await runner.query(`
      CREATE INDEX children_live ON children (parent_id)
      WHERE finished_at IS NULL AND NOT detached`);
  }

  private async createApprovals(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE approvals (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        execution_id uuid NOT NULL,
        step_id text NOT NULL,
        iteration text NOT NULL,
        attempt int NOT NULL,
        kind text NOT NULL CHECK (kind IN ('approval', 'verdict')),
        workflow_id text NOT NULL,
        workflow_name text NOT NULL,
        owner_id uuid NOT NULL,
        submitted_by uuid NOT NULL,
        message text NOT NULL,
        -- Usernames; nobody named means everybody who may execute the workflow.
        approvers text[] NOT NULL,
        required int NOT NULL CHECK (required >= 1),
        exclude_submitter boolean NOT NULL,
        default_outcome text CHECK (default_outcome IN ('approved', 'rejected')),
        requested_at timestamptz NOT NULL DEFAULT now(),
        deadline timestamptz,
        status text NOT NULL DEFAULT 'open'
          CHECK (status IN ('open', 'approved', 'rejected', 'retry', 'fail', 'succeed', 'expired', 'closed')),
        decisions json NOT NULL DEFAULT '[]',
        decided_at timestamptz,
        CHECK ((status = 'open') = (decided_at IS NULL)),
        -- What a recovered execution asks again is asked once.
        UNIQUE (execution_id, step_id, iteration, attempt)
      )`);
    // GET /approvals of an owner, newest first; of a workflow.
    await runner.query('CREATE INDEX approvals_owner ON approvals (owner_id, id DESC)');
    await runner.query('CREATE INDEX approvals_workflow ON approvals (workflow_id, id DESC)');
    // GET /approvals?status=open; the sweep of those whose execution has ended.
    await runner.query("CREATE INDEX approvals_open ON approvals (id DESC) WHERE status = 'open'");
    // GET /approvals of somebody who is named and does not own the workflow.
    await runner.query(`
      CREATE TABLE approval_approvers (
        username text NOT NULL,
        approval_id uuid NOT NULL REFERENCES approvals (id) ON DELETE CASCADE,
        PRIMARY KEY (username, approval_id)
      )`);
    // Row-level security of an approval; the cascade.
    await runner.query('CREATE INDEX approval_approvers_approval ON approval_approvers (approval_id)');
  }

  private async createEvents(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_waits (
        execution_id uuid NOT NULL,
        step_id text NOT NULL,
        iteration text NOT NULL,
        attempt int NOT NULL,
        owner_id uuid NOT NULL,
        name text NOT NULL,
        key text NOT NULL,
        -- One that has received stays until its execution ends: a recovered execution must not receive twice.
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'received', 'closed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (execution_id, step_id, iteration, attempt)
      )`);
    // POST /events finds who waits.
    await runner.query(`
      CREATE INDEX event_waits_open ON event_waits (owner_id, name, key) WHERE status = 'open'`);
    await runner.query(`
      CREATE TABLE external_events (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        owner_id uuid NOT NULL,
        name text NOT NULL,
        key text NOT NULL,
        payload json NOT NULL,
        sent_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      )`);
    // A wait that registers takes the oldest that was kept for it.
    await runner.query('CREATE INDEX external_events_kept ON external_events (owner_id, name, key, id)');
    // The sweep of those nobody waited for in time.
    await runner.query('CREATE INDEX external_events_expiry ON external_events (expires_at)');
    await runner.query(`
      CREATE TABLE event_receipts (
        owner_id uuid NOT NULL,
        id text NOT NULL CHECK (length(id) BETWEEN 1 AND 200),
        body_hash bytea NOT NULL CHECK (length(body_hash) = 32),
        event_id uuid NOT NULL,
        delivered int NOT NULL,
        kept boolean NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (owner_id, id)
      )`);
    // The sweep of receipts whose time is over.
    await runner.query('CREATE INDEX event_receipts_expiry ON event_receipts (expires_at)');
  }

  /** Readers are the owner, admins, and whoever is named as an approver. */
  private async protectApprovals(runner: QueryRunner): Promise<void> {
    await runner.query('GRANT SELECT ON approvals, approval_approvers TO millrace_api');
    await runner.query(`
      CREATE FUNCTION caller_name() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT username FROM users WHERE id = caller_id()
      $$`);
    for (const [table, condition] of [
      ['approval_approvers', 'username = (SELECT caller_name()) OR (SELECT caller_is_admin())'],
      [
        'approvals',
        `owner_id = (SELECT caller_id()) OR (SELECT caller_is_admin())
         OR EXISTS (SELECT 1 FROM approval_approvers p WHERE p.approval_id = approvals.id)`,
      ],
    ] as const) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY ${table}_engine ON ${table} TO millrace_engine USING (true) WITH CHECK (true)`,
      );
      await runner.query(
        `CREATE POLICY ${table}_caller ON ${table} FOR SELECT TO millrace_api USING (${condition})`,
      );
    }
  }

  /**
   * A transfer takes the executions of a workflow along, but for those that belong to executions of other workflows, and
   * with them all that they have started; and what these wait for. Waits come before the live rows, because whoever
   * decides or sends locks in that order as well, and once more after, for what began to wait in between.
   */
  private async replaceTransfer(runner: QueryRunner): Promise<void> {
    const path = await definerSearchPath(runner);
    // Two statements each: a condition with OR would reach neither index.
    const both = (statement: (mine: string) => string): string =>
      ['e.workflow_id = wanted AND e.parent_id IS NULL', 'e.id = ANY (descendants)'].map(statement).join('');
    const waits = both(
      (mine) => `
        UPDATE approvals a SET owner_id = new_owner FROM executions e
        WHERE ${mine} AND a.execution_id = e.id AND a.owner_id <> new_owner;
        UPDATE event_waits w SET owner_id = new_owner FROM executions e
        WHERE ${mine} AND w.execution_id = e.id AND w.owner_id <> new_owner;`,
    );
    await runner.query(`
      CREATE OR REPLACE FUNCTION give_executions_to_owner(wanted text) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${path} AS $$
      DECLARE
        new_owner uuid := (SELECT w.owner_id FROM workflows w WHERE w.id = wanted);
        descendants uuid[] := ARRAY(
          WITH RECURSIVE family AS (
            SELECT c.child_id FROM children c JOIN executions e ON e.id = c.parent_id
            WHERE e.workflow_id = wanted AND e.parent_id IS NULL
            UNION
            SELECT c.child_id FROM family f JOIN children c ON c.parent_id = f.child_id)
          SELECT child_id FROM family);
      BEGIN
        IF new_owner IS NULL THEN
          RETURN;
        END IF;${waits}${both(
          (mine) => `
        UPDATE executions e SET owner_id = new_owner
        WHERE ${mine} AND e.owner_id <> new_owner AND e.status IS NOT NULL;`,
        )}
        PERFORM 1 FROM execution_state s
        WHERE s.execution_id = ANY (descendants) OR s.workflow_id = wanted
        ORDER BY s.execution_id FOR UPDATE;${both(
          (mine) => `
        UPDATE execution_state s SET owner_id = new_owner FROM executions e
        WHERE ${mine} AND s.execution_id = e.id AND s.owner_id <> new_owner;`,
        )}${waits}${both(
          (mine) => `
        UPDATE executions e SET owner_id = new_owner WHERE ${mine} AND e.owner_id <> new_owner;`,
        )}
        UPDATE idempotency_keys k SET owner_id = new_owner
        WHERE k.workflow_id = wanted AND k.owner_id <> new_owner
          AND NOT EXISTS (
            SELECT 1 FROM idempotency_keys n
            WHERE n.owner_id = new_owner AND n.workflow_id = wanted AND n.key = k.key);
      END $$`);
  }

  /** As it was before there were waits and children. */
  private async restoreTransfer(runner: QueryRunner): Promise<void> {
    const path = await definerSearchPath(runner);
    await runner.query(`
      CREATE OR REPLACE FUNCTION give_executions_to_owner(wanted text) RETURNS void
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
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.restoreTransfer(runner);
    await runner.query('DROP POLICY approvals_caller ON approvals');
    for (const table of TABLES.toReversed()) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION caller_name()');
    await runner.query('DROP INDEX execution_state_unread');
    await runner.query(`
      CREATE INDEX execution_state_unread ON execution_state (execution_id)
      WHERE status = 'waiting' AND inbox > inbox_read AND redispatch_at IS NULL`);
    await runner.query("DELETE FROM signals WHERE kind = 'skip'");
    await runner.query('ALTER TABLE signals DROP CONSTRAINT signals_kind_check');
    await runner.query(`
      ALTER TABLE signals ADD CONSTRAINT signals_kind_check
      CHECK (kind IN ('cancel', 'pause', 'resume', 'approval', 'event', 'child'))`);
    await runner.query('ALTER TABLE execution_state DROP COLUMN follow_up');
    await runner.query(`
      ALTER TABLE executions
        DROP COLUMN parent_id, DROP COLUMN parent_step, DROP COLUMN parent_iteration, DROP COLUMN depth,
        DROP COLUMN shard`);
  }
}
