import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users and what proves who they are: refresh tokens, API keys, one-use tickets, failed log-ins. */
export class Accounts1764000000002 implements MigrationInterface {
  name = 'Accounts1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        username text NOT NULL CHECK (username ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$'),
        email text,
        full_name text,
        password_hash text NOT NULL,
        scopes text[] NOT NULL DEFAULT '{}',
        disabled boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        created_by uuid,
        updated_by uuid,
        deleted_at timestamptz
      )`);
    // Log-in and every look-up by name; names differ by more than case.
    await runner.query('CREATE UNIQUE INDEX users_username ON users (lower(username))');
    await runner.query(
      'CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at()',
    );

    await runner.query(`
      CREATE TABLE refresh_tokens (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        family_id uuid NOT NULL,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
      )`);
    // Revoking a family after reuse, and at log-out.
    await runner.query('CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id)');
    // Revoking everything of a user who was disabled or whose password changed.
    await runner.query('CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id)');
    // The sweep of expired ones.
    await runner.query('CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at)');

    await runner.query(`
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        prefix text NOT NULL,
        key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`);
    // A user's list of keys, newest first.
    await runner.query('CREATE INDEX api_keys_user ON api_keys (user_id, id DESC) WHERE revoked_at IS NULL');

    await runner.query(`
      CREATE TABLE stream_tickets (
        ticket_hash bytea PRIMARY KEY CHECK (length(ticket_hash) = 32),
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        scopes text[] NOT NULL,
        session_expires_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    // The sweep of unused tickets.
    await runner.query('CREATE INDEX stream_tickets_expiry ON stream_tickets (expires_at)');

    await runner.query(`
      CREATE TABLE login_failures (
        username text NOT NULL,
        address text NOT NULL,
        failures int NOT NULL CHECK (failures > 0),
        window_ends_at timestamptz NOT NULL,
        blocked_until timestamptz,
        PRIMARY KEY (username, address)
      )`);
    // The sweep of windows that have ended.
    await runner.query('CREATE INDEX login_failures_window ON login_failures (window_ends_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['login_failures', 'stream_tickets', 'api_keys', 'refresh_tokens', 'users']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
