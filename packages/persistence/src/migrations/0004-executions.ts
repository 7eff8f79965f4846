import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definerSearchPath } from './search-path.js';

const LIVE = "('queued', 'running', 'waiting', 'paused')";
const TERMINAL = "('completed', 'failed', 'cancelled', 'timed_out')";

/**
 * Executions: what was asked and what came of it (`executions`, written at submit and at finish), the small hot
 * row that lives while it runs (`execution_state`), the log (`execution_events`) and messages from outside (`signals`).
 *
 * `executions` and `execution_events` are partitioned by the time inside their UUIDv7. There are no foreign keys to
 * or between them: they would cost a fifth of the append and forbid dropping a partition.
 */
export class Executions1764000000004 implements MigrationInterface {
  name = 'Executions1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE executions (
        id uuid PRIMARY KEY,
        workflow_id text NOT NULL,
        workflow_version int NOT NULL,
        owner_id uuid NOT NULL,
        submitted_by uuid NOT NULL,
        parameters json NOT NULL,
        created_at timestamptz NOT NULL,
        retry_of uuid,
        root_id uuid NOT NULL,
        trace_id text NOT NULL,
        steps_total int NOT NULL,
        -- Written once, at the end; null while the execution lives in execution_state.
        status text CHECK (status IN ${TERMINAL}),
        started_at timestamptz,
        completed_at timestamptz,
        steps_completed int,
        result json,
        error json,
        final_epoch int,
        final_seq int,
        CHECK ((status IS NULL) = (completed_at IS NULL)),
        CHECK ((status IS NULL) = (final_seq IS NULL))
      ) PARTITION BY RANGE (id)`);
    // GET /workflows/{id}/executions, newest first.
    await runner.query('CREATE INDEX executions_workflow ON executions (workflow_id, id DESC)');
    // GET /executions of one owner, newest first.
    await runner.query('CREATE INDEX executions_owner ON executions (owner_id, id DESC)');
    // GET /executions?status=failed, of everybody, of a workflow, of an owner: rare among many completed ones.
    // Partial, so that an execution that succeeds pays for none of them.
    for (const [name, column] of [
      ['executions_unsuccessful', ''],
      ['executions_workflow_unsuccessful', 'workflow_id, '],
      ['executions_owner_unsuccessful', 'owner_id, '],
    ]) {
      await runner.query(`
        CREATE INDEX ${name} ON executions (${column}status, id DESC)
        WHERE status IN ('failed', 'cancelled', 'timed_out')`);
    }
    // What changed in a workflow since a moment: resuming a stream of a workflow.
    await runner.query(`
      CREATE INDEX executions_finished ON executions (workflow_id, completed_at)
      WHERE completed_at IS NOT NULL`);

    await runner.query(`
      CREATE TABLE execution_state (
        execution_id uuid PRIMARY KEY,
        workflow_id text NOT NULL,
        owner_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ${LIVE}),
        epoch int NOT NULL DEFAULT 0,
        last_seq int NOT NULL CHECK (last_seq > 0),
        worker_id uuid,
        inbox int NOT NULL DEFAULT 0,
        inbox_read int NOT NULL DEFAULT 0 CHECK (inbox_read <= inbox),
        dispatch_no int NOT NULL DEFAULT 1,
        -- When to hint again. Not null exactly while the execution is runnable and nobody has claimed it.
        redispatch_at timestamptz,
        wake_at timestamptz,
        cancel_requested_at timestamptz,
        started_at timestamptz,
        steps_completed int NOT NULL DEFAULT 0,
        current_step text,
        crashes int NOT NULL DEFAULT 0,
        CHECK (worker_id IS NULL OR status = 'running'),
        CHECK (redispatch_at IS NULL OR worker_id IS NULL),
        CHECK (wake_at IS NULL OR status = 'waiting')
      ) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`);
    // The sweep that fills the window and repeats lost hints; also the count of runnable executions.
    await runner.query(
      'CREATE INDEX execution_state_redispatch ON execution_state (redispatch_at) WHERE redispatch_at IS NOT NULL',
    );
    // The sweep of timers that are due, and the nearest one to sleep until.
    await runner.query(
      'CREATE INDEX execution_state_wake ON execution_state (wake_at) WHERE wake_at IS NOT NULL',
    );
    // Releasing the executions of an expired worker; a worker's unread signals.
    await runner.query(
      'CREATE INDEX execution_state_worker ON execution_state (worker_id) WHERE worker_id IS NOT NULL',
    );
    // Cancellations that a worker did not carry out within the grace.
    await runner.query(`
      CREATE INDEX execution_state_cancel ON execution_state (cancel_requested_at)
      WHERE cancel_requested_at IS NOT NULL`);
    // Suspended executions with a message nobody read.
    await runner.query(`
      CREATE INDEX execution_state_unread ON execution_state (execution_id)
      WHERE status = 'waiting' AND inbox > inbox_read AND redispatch_at IS NULL`);
    // The live executions of a workflow: what a stream compares with after a reconnect; GET /executions?workflow=&status=waiting.
    await runner.query(
      'CREATE INDEX execution_state_workflow ON execution_state (workflow_id, status, execution_id DESC)',
    );
    // GET /executions?status=waiting of one owner.
    await runner.query(
      'CREATE INDEX execution_state_owner ON execution_state (owner_id, status, execution_id DESC)',
    );
    // GET /executions?status=waiting of an admin.
    await runner.query('CREATE INDEX execution_state_status ON execution_state (status, execution_id DESC)');

    await runner.query(`
      CREATE TABLE execution_events (
        execution_id uuid NOT NULL,
        seq int NOT NULL CHECK (seq > 0),
        type text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        data json NOT NULL,
        PRIMARY KEY (execution_id, seq)
      ) PARTITION BY RANGE (execution_id)`);

    await runner.query(`
      CREATE TABLE execution_snapshots (
        execution_id uuid PRIMARY KEY,
        seq int NOT NULL,
        state json NOT NULL
      )`);

    await runner.query(`
      CREATE TABLE signals (
        execution_id uuid NOT NULL,
        number int NOT NULL,
        kind text NOT NULL CHECK (kind IN ('cancel', 'pause', 'resume', 'approval', 'event', 'child')),
        payload json NOT NULL,
        sent_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (execution_id, number)
      )`);

    await runner.query(`
      CREATE TABLE idempotency_keys (
        owner_id uuid NOT NULL,
        workflow_id text NOT NULL,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
        body_hash bytea NOT NULL CHECK (length(body_hash) = 32),
        execution_id uuid NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (owner_id, workflow_id, key)
      )`);
    // The sweep of expired keys.
    await runner.query('CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at)');

    // Weekly partitions, made ahead; DEFAULT catches what no other takes. A partition is filled from there before it
    // is attached: a CREATE ... PARTITION OF would be refused for ever once DEFAULT held one row of that week.
    const path = await definerSearchPath(runner);
    await runner.query(`
      CREATE FUNCTION create_partitions(first timestamptz, last timestamptz) RETURNS int
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${path} AS $$
      DECLARE
        week timestamptz := date_trunc('week', first AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        lower_bound uuid;
        upper_bound uuid;
        parent text;
        key text;
        part text;
        made int := 0;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('millrace.partitions'));
        WHILE week <= last LOOP
          lower_bound := uuid7_floor(week);
          upper_bound := uuid7_floor(week + interval '7 days');
          FOREACH parent IN ARRAY ARRAY['executions', 'execution_events'] LOOP
            part := parent || '_' || to_char(week AT TIME ZONE 'UTC', 'IYYY"w"IW');
            IF to_regclass(part) IS NULL THEN
              key := CASE parent WHEN 'executions' THEN 'id' ELSE 'execution_id' END;
              EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
              -- Nobody may add to DEFAULT between the move and the attachment.
              EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
              EXECUTE format(
                'WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                parent || '_default', key, lower_bound, key, upper_bound, part);
              EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, part, lower_bound, upper_bound);
              made := made + 1;
            END IF;
          END LOOP;
          week := week + interval '7 days';
        END LOOP;
        RETURN made;
      END $$`);
    await runner.query('CREATE TABLE executions_default PARTITION OF executions DEFAULT');
    await runner.query('CREATE TABLE execution_events_default PARTITION OF execution_events DEFAULT');
    await runner.query("SELECT create_partitions(now(), now() + interval '21 days')");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION create_partitions(timestamptz, timestamptz)');
    for (const table of [
      'idempotency_keys',
      'signals',
      'execution_snapshots',
      'execution_events',
      'execution_state',
      'executions',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
