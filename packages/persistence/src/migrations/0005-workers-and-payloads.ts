import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workers with their leases, payloads too large for the log, and what steps logged. */
export class WorkersAndPayloads1764000000005 implements MigrationInterface {
  name = 'WorkersAndPayloads1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE workers (
        id uuid PRIMARY KEY,
        host text NOT NULL,
        pid int NOT NULL,
        version text NOT NULL,
        slots int NOT NULL CHECK (slots > 0),
        running int NOT NULL DEFAULT 0,
        draining boolean NOT NULL DEFAULT false,
        started_at timestamptz NOT NULL DEFAULT now(),
        renewed_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz NOT NULL
      )`);
    // The sweep of expired leases, every second.
    await runner.query('CREATE INDEX workers_lease ON workers (lease_until)');

    await runner.query(`
      CREATE TABLE blobs (
        execution_id uuid NOT NULL,
        id uuid NOT NULL DEFAULT uuid7(),
        content_type text NOT NULL,
        size_bytes int NOT NULL CHECK (size_bytes >= 0),
        content bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (execution_id, id)
      )`);
    // JSON text compresses well and is read whole: lz4 where the server has it, else the default.
    await runner.query(`
      DO $$ BEGIN
        ALTER TABLE blobs ALTER COLUMN content SET COMPRESSION lz4;
      EXCEPTION WHEN feature_not_supported THEN NULL;
      END $$`);

    await runner.query(`
      CREATE TABLE step_logs (
        execution_id uuid NOT NULL,
        step_id text NOT NULL,
        attempt int NOT NULL,
        line int NOT NULL CHECK (line > 0),
        at timestamptz NOT NULL,
        level text NOT NULL CHECK (level IN ('debug', 'info', 'warn', 'error')),
        message text NOT NULL,
        PRIMARY KEY (execution_id, step_id, attempt, line)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['step_logs', 'blobs', 'workers']) await runner.query(`DROP TABLE ${table}`);
  }
}
