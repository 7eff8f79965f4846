import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Values that workflows use by name. The database sees ciphertext only: the key is in the environment of the services,
 * so a dump, a replica or a backup alone tells nothing.
 */
export class Secrets1764000000008 implements MigrationInterface {
  name = 'Secrets1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE secrets (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        owner_id uuid NOT NULL REFERENCES users (id),
        name text COLLATE "C" NOT NULL CHECK (name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,127}$'),
        description text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
        -- AES-256-GCM. Which key: the start of its hash.
        key_id text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
        nonce bytea NOT NULL CHECK (length(nonce) = 12),
        ciphertext bytea NOT NULL,
        tag bytea NOT NULL CHECK (length(tag) = 16),
        version int NOT NULL DEFAULT 1 CHECK (version > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        created_by uuid NOT NULL REFERENCES users (id),
        -- Of the value: neither a use nor another key is a change.
        updated_at timestamptz NOT NULL DEFAULT now(),
        updated_by uuid NOT NULL REFERENCES users (id),
        last_used_at timestamptz,
        -- The list of an owner, and what a step names.
        CONSTRAINT secrets_owner_name UNIQUE (owner_id, name)
      )`);
    // The sweep that re-encrypts: rows whose key comes before or after today's.
    await runner.query('CREATE INDEX secrets_key ON secrets (key_id, id)');

    // Which secrets the newest version of a workflow names: who would miss one that is deleted.
    await runner.query("ALTER TABLE workflows ADD COLUMN secret_names text[] NOT NULL DEFAULT '{}'");

    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON secrets TO millrace_engine');
    // What the API cannot read it cannot give away.
    const readable =
      'id, owner_id, name, description, key_id, version, created_at, created_by, updated_at, updated_by, last_used_at';
    await runner.query(`GRANT SELECT (${readable}), INSERT, UPDATE, DELETE ON secrets TO millrace_api`);

    await runner.query('ALTER TABLE secrets ENABLE ROW LEVEL SECURITY');
    await runner.query(
      'CREATE POLICY secrets_engine ON secrets TO millrace_engine USING (true) WITH CHECK (true)',
    );
    const own = 'owner_id = (SELECT caller_id()) OR (SELECT caller_is_admin())';
    await runner.query(
      `CREATE POLICY secrets_caller ON secrets TO millrace_api USING (${own}) WITH CHECK (${own})`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN secret_names');
    await runner.query('DROP TABLE secrets');
  }
}
