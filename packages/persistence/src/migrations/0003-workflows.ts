import type { MigrationInterface, QueryRunner } from 'typeorm';

const PUNCTUATION = '!"#%&()*+,-./:;<=>?@[]^_`{|}~$\\\'';
const BLANKS = ' '.repeat(PUNCTUATION.length);

/** Workflows, their immutable versions and their drafts. */
export class Workflows1764000000003 implements MigrationInterface {
  name = 'Workflows1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE workflows (
        id text PRIMARY KEY CHECK (id ~ '^[A-Za-z][A-Za-z0-9_-]{2,63}$' AND id NOT LIKE 'exec\\_%'),
        owner_id uuid NOT NULL REFERENCES users (id),
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        description text NOT NULL DEFAULT '',
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('draft', 'active', 'archived')),
        version int NOT NULL DEFAULT 1 CHECK (version > 0),
        revision int NOT NULL DEFAULT 1 CHECK (revision > 0),
        node_count int NOT NULL CHECK (node_count >= 0),
        metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
        tags text[] NOT NULL DEFAULT '{}',
        -- json: node outputs and notes may hold what jsonb refuses (\\u0000, lone surrogates).
        definition json NOT NULL,
        fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
        -- Punctuation becomes space: else the parser keeps addresses, paths and numbers whole, and no word in them is found.
        search tsvector GENERATED ALWAYS AS (
          setweight(to_tsvector('simple', translate(name, $punct$${PUNCTUATION}$punct$, '${BLANKS}')), 'A')
          || setweight(to_tsvector('simple', translate(description, $punct$${PUNCTUATION}$punct$, '${BLANKS}')), 'B')
        ) STORED,
        created_by uuid NOT NULL REFERENCES users (id),
        updated_by uuid NOT NULL REFERENCES users (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- What lists are ordered by: unlike created_at it is unique, and unlike id it is made by our clock.
        sort_key uuid NOT NULL DEFAULT uuid7(),
        deleted_at timestamptz,
        deleted_by uuid REFERENCES users (id)
      )`);
    // GET /workflows of one owner, newest first.
    await runner.query(
      'CREATE INDEX workflows_owner ON workflows (owner_id, sort_key DESC) WHERE deleted_at IS NULL',
    );
    // GET /workflows of an admin, newest first.
    await runner.query('CREATE INDEX workflows_newest ON workflows (sort_key DESC) WHERE deleted_at IS NULL');
    // GET /workflows?search=. Without fastupdate: workflows are written seldom, and every search would first read the
    // list of pending entries (100 pages after 20,000 inserts), until the planner prefers to read the table.
    await runner.query(
      'CREATE INDEX workflows_search ON workflows USING gin (search) WITH (fastupdate = off)',
    );
    // GET /workflows?tag= and other filters on metadata, all by containment (@>).
    await runner.query(
      'CREATE INDEX workflows_metadata ON workflows USING gin (metadata jsonb_path_ops) WITH (fastupdate = off)',
    );
    await runner.query(
      'CREATE TRIGGER workflows_touch BEFORE UPDATE ON workflows FOR EACH ROW EXECUTE FUNCTION touch_updated_at()',
    );

    await runner.query(`
      CREATE TABLE workflow_versions (
        workflow_id text NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
        version int NOT NULL CHECK (version > 0),
        definition json NOT NULL,
        fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
        created_by uuid NOT NULL REFERENCES users (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (workflow_id, version)
      )`);
    await runner.query(`
      CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'a published version is immutable' USING ERRCODE = 'restrict_violation';
      END $$`);
    await runner.query(`
      CREATE TRIGGER workflow_versions_immutable BEFORE UPDATE ON workflow_versions
      FOR EACH ROW EXECUTE FUNCTION refuse_version_change()`);

    await runner.query(`
      CREATE TABLE drafts (
        workflow_id text PRIMARY KEY REFERENCES workflows (id) ON DELETE CASCADE,
        definition json NOT NULL,
        revision int NOT NULL DEFAULT 1 CHECK (revision > 0),
        updated_by uuid NOT NULL REFERENCES users (id),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      'CREATE TRIGGER drafts_touch BEFORE UPDATE ON drafts FOR EACH ROW EXECUTE FUNCTION touch_updated_at()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE drafts');
    await runner.query('DROP TABLE workflow_versions');
    await runner.query('DROP FUNCTION refuse_version_change()');
    await runner.query('DROP TABLE workflows');
  }
}
