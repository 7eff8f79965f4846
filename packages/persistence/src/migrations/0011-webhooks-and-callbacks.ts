import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definerSearchPath } from './search-path.js';

const TABLES = ['webhooks', 'webhook_deliveries', 'workflow_callbacks', 'callbacks'];

/**
 * Ways in and out: addresses that start executions, and what is called when executions end.
 *
 * A row of `callbacks` (execution_id, workflow_id, owner_id, target) is inserted by the statement that stores its execution, with
 * `next_attempt_at` null: nothing to do yet. The statement that ends the execution sets `next_attempt_at = now()` for `execution_id`, and that is all
 * it has to know. From then on the row is the scheduler's.
 */
export class WebhooksAndCallbacks1764000000011 implements MigrationInterface {
  name = 'WebhooksAndCallbacks1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await this.webhooks(runner);
    await this.callbacks(runner);

    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO millrace_engine`);
    await runner.query(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, workflow_callbacks TO millrace_api',
    );
    await runner.query('GRANT SELECT ON webhook_deliveries, callbacks TO millrace_api');
    const ofWorkflow = 'EXISTS (SELECT 1 FROM workflows w WHERE w.id = workflow_id)';
    const conditions = {
      webhooks: ofWorkflow,
      webhook_deliveries: 'EXISTS (SELECT 1 FROM webhooks h WHERE h.id = webhook_id)',
      workflow_callbacks: ofWorkflow,
      callbacks: 'owner_id = (SELECT caller_id()) OR (SELECT caller_is_admin())',
    };
    for (const [table, condition] of Object.entries(conditions)) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY ${table}_engine ON ${table} TO millrace_engine USING (true) WITH CHECK (true)`,
      );
      await runner.query(
        `CREATE POLICY ${table}_caller ON ${table} TO millrace_api USING (${condition}) WITH CHECK (${condition})`,
      );
    }
  }

  private async webhooks(runner: QueryRunner): Promise<void> {
    // `path` is unique over all owners: the public address holds nothing else. Its index finds the webhook of a delivery.
    await runner.query(`
      CREATE TABLE webhooks (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        workflow_id text NOT NULL REFERENCES workflows (id),
        path text NOT NULL CONSTRAINT webhooks_path UNIQUE CHECK (path ~ '^[A-Za-z0-9_-]{3,64}$'),
        name text NOT NULL CHECK (name <> ''),
        settings json NOT NULL,
        secret text,
        previous_secret text,
        previous_secret_until timestamptz,
        enabled boolean NOT NULL DEFAULT true,
        created_by uuid NOT NULL,
        updated_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
      )`);
    await runner.query(
      'CREATE TRIGGER webhooks_touch BEFORE UPDATE ON webhooks FOR EACH ROW EXECUTE FUNCTION touch_updated_at()',
    );
    // The webhooks of a workflow, newest first.
    await runner.query('CREATE INDEX webhooks_workflow ON webhooks (workflow_id, id DESC)');

    await runner.query(`
      CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        received_at timestamptz NOT NULL,
        method text NOT NULL,
        status int NOT NULL CHECK (status BETWEEN 100 AND 599),
        size_bytes int NOT NULL CHECK (size_bytes >= 0),
        duration_ms int NOT NULL CHECK (duration_ms >= 0),
        delivery_key text,
        execution_id uuid,
        reason text
      )`);
    // A webhook's deliveries, newest first; deleting a webhook deletes them; the sweep keeps the newest of each.
    await runner.query('CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id DESC)');
    // The sweep of what is older than the time deliveries are kept reads the primary key: ids begin with the time.
  }

  private async callbacks(runner: QueryRunner): Promise<void> {
    // What every execution of a workflow calls unless it was asked to call something else, and the secret that signs both.
    // `target` null: there is a secret and nothing to call.
    await runner.query(`
      CREATE TABLE workflow_callbacks (
        workflow_id text PRIMARY KEY REFERENCES workflows (id),
        target json,
        secret text,
        previous_secret text,
        previous_secret_until timestamptz,
        updated_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
      )`);
    await runner.query(
      'CREATE TRIGGER workflow_callbacks_touch BEFORE UPDATE ON workflow_callbacks FOR EACH ROW EXECUTE FUNCTION touch_updated_at()',
    );

    // One per execution. `target` is written at submit and never read by the statements of the log. `claim` rises with
    // every attempt and fences its result, as `epoch` does for executions; the time a claimed attempt may take is added
    // to `next_attempt_at`, so that a dead scheduler's attempt is simply due again.
    await runner.query(`
      CREATE TABLE callbacks (
        execution_id uuid PRIMARY KEY,
        workflow_id text NOT NULL,
        owner_id uuid NOT NULL,
        target json NOT NULL CHECK (target ->> 'host' <> ''),
        host text NOT NULL GENERATED ALWAYS AS (target ->> 'host') STORED,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'skipped')),
        next_attempt_at timestamptz,
        claim int NOT NULL DEFAULT 0,
        attempts int NOT NULL DEFAULT 0,
        last_attempt_at timestamptz,
        last_status int,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    // What is due, host by host, so that one dead receiver's many do not stand before the others.
    await runner.query(
      'CREATE INDEX callbacks_due ON callbacks (host, next_attempt_at) WHERE next_attempt_at IS NOT NULL',
    );
    // How long until something is due.
    await runner.query(
      'CREATE INDEX callbacks_next ON callbacks (next_attempt_at) WHERE next_attempt_at IS NOT NULL',
    );
    // The lists of an owner, of a workflow and of a state, newest first.
    await runner.query('CREATE INDEX callbacks_owner ON callbacks (owner_id, execution_id DESC)');
    await runner.query('CREATE INDEX callbacks_workflow ON callbacks (workflow_id, execution_id DESC)');
    await runner.query('CREATE INDEX callbacks_state ON callbacks (state, execution_id DESC)');
    // The sweep of what was settled long ago.
    await runner.query(
      `CREATE INDEX callbacks_settled ON callbacks (last_attempt_at) WHERE state <> 'pending'`,
    );
    // An execution belongs to the owner of its workflow, and so does its callback.
    const path = await definerSearchPath(runner);
    await runner.query(`
      CREATE FUNCTION give_callbacks_to_owner() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${path} AS $$
      BEGIN
        UPDATE callbacks SET owner_id = NEW.owner_id WHERE workflow_id = NEW.id AND owner_id <> NEW.owner_id;
        RETURN NULL;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION give_callbacks_to_owner() FROM PUBLIC');
    await runner.query(`
      CREATE TRIGGER workflows_callbacks AFTER UPDATE OF owner_id ON workflows FOR EACH ROW
      WHEN (OLD.owner_id <> NEW.owner_id) EXECUTE FUNCTION give_callbacks_to_owner()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER workflows_callbacks ON workflows');
    await runner.query('DROP FUNCTION give_callbacks_to_owner()');
    for (const table of TABLES.toReversed()) await runner.query(`DROP TABLE ${table}`);
  }
}
