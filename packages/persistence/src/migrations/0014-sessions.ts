import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A log-in as a thing of its own, which its user can see and end. What was told of every refresh token of a family (whose,
 * until when, whether ended) is told once, of the session; access tokens and tickets name it, so that they end with it.
 */
export class Sessions1764000000014 implements MigrationInterface {
  name = 'Sessions1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY DEFAULT uuid7(),
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- When its refresh token was last exchanged, and from where.
        last_used_at timestamptz NOT NULL DEFAULT now(),
        address text,
        user_agent text,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    await runner.query(`
      INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, ended_at)
      SELECT family_id, user_id, min(created_at), max(created_at), max(expires_at),
        CASE WHEN bool_and(revoked_at IS NOT NULL) THEN max(revoked_at) END
      FROM refresh_tokens GROUP BY family_id, user_id`);
    // A user's list, newest first, and ending all of them.
    await runner.query('CREATE INDEX sessions_user ON sessions (user_id, id DESC) WHERE ended_at IS NULL');
    // The sweep of expired ones; their tokens go with them.
    await runner.query('CREATE INDEX sessions_expiry ON sessions (expires_at)');

    await runner.query('ALTER TABLE refresh_tokens RENAME COLUMN family_id TO session_id');
    await runner.query('ALTER INDEX refresh_tokens_family RENAME TO refresh_tokens_session');
    // The indexes on what is dropped go too.
    await runner.query(`
      ALTER TABLE refresh_tokens
        DROP COLUMN user_id, DROP COLUMN expires_at, DROP COLUMN revoked_at,
        ADD FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE`);

    // Null for a ticket that was asked for with an API key.
    await runner.query('ALTER TABLE stream_tickets ADD COLUMN session_id uuid');
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO millrace_engine, millrace_api');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_tickets DROP COLUMN session_id');
    await runner.query(`
      ALTER TABLE refresh_tokens
        DROP CONSTRAINT refresh_tokens_session_id_fkey,
        ADD COLUMN user_id uuid REFERENCES users (id) ON DELETE CASCADE,
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN revoked_at timestamptz`);
    await runner.query(`
      UPDATE refresh_tokens t SET user_id = s.user_id, expires_at = s.expires_at, revoked_at = s.ended_at
      FROM sessions s WHERE s.id = t.session_id`);
    await runner.query(
      'ALTER TABLE refresh_tokens ALTER COLUMN user_id SET NOT NULL, ALTER COLUMN expires_at SET NOT NULL',
    );
    await runner.query('ALTER INDEX refresh_tokens_session RENAME TO refresh_tokens_family');
    await runner.query('ALTER TABLE refresh_tokens RENAME COLUMN session_id TO family_id');
    await runner.query('CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id)');
    await runner.query('CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at)');
    await runner.query('DROP TABLE sessions');
  }
}
