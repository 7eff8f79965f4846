import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roles, clock-ordered ids and the trigger that keeps `updated_at`.
 *
 * Roles belong to the whole server, so several databases may create them at the same moment: a lost race is no error.
 */
export class Foundation1764000000001 implements MigrationInterface {
  name = 'Foundation1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE wanted text;
      BEGIN
        FOREACH wanted IN ARRAY ARRAY['millrace_api', 'millrace_engine'] LOOP
          BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
              EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
          EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
              NULL;
            WHEN insufficient_privilege THEN
              RAISE insufficient_privilege USING MESSAGE = format(
                'the login %I may not create roles: give it CREATEROLE, or let an administrator run '
                'CREATE ROLE %I NOLOGIN and GRANT %I TO %I', current_user, wanted, wanted, current_user);
          END;
          BEGIN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
          EXCEPTION
            WHEN unique_violation OR internal_error THEN
              NULL;
            WHEN insufficient_privilege THEN
              -- Somebody else made the role: good enough when they let this login take it.
              IF NOT pg_has_role(wanted, 'MEMBER') THEN
                RAISE insufficient_privilege USING MESSAGE = format(
                  'the login %I may not act as %I: let an administrator run GRANT %I TO %I',
                  current_user, wanted, wanted, current_user);
              END IF;
          END;
        END LOOP;
      END $$`);
    await runner.query(`
      DO $$ BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO millrace_api, millrace_engine', current_schema());
      END $$`);

    // UUIDv7 (RFC 9562): 48 bits of milliseconds, then 12 bits of the fraction of that millisecond, so that
    // ids made one after the other sort in that order. In SQL because all persisted times are the database's.
    await runner.query(`
      CREATE FUNCTION uuid7(at timestamptz DEFAULT clock_timestamp()) RETURNS uuid
      LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
        SELECT encode(
          substring(int8send(floor(t.micros / 1000)::bigint) FROM 3)
          || substring(int4send(28672 + ((t.micros % 1000) * 4096 / 1000)::int) FROM 3)
          || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid
        FROM (SELECT floor(extract(epoch FROM at) * 1000000)::bigint AS micros) t
      $$`);
    // The smallest UUIDv7 of a moment: the bound of a partition, or of a search by time.
    await runner.query(`
      CREATE FUNCTION uuid7_floor(at timestamptz) RETURNS uuid
      LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
      $$`);
    await runner.query(`
      CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.updated_at := now();
        RETURN NEW;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION touch_updated_at()');
    await runner.query('DROP FUNCTION uuid7_floor(timestamptz)');
    await runner.query('DROP FUNCTION uuid7(timestamptz)');
    // The roles stay: other databases of the same server may use them.
  }
}
