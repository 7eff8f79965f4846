import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  assertSchema,
  createApiDatabase,
  createPool,
  EXPECTED_MIGRATIONS,
  migrate,
  rollback,
  SchemaMismatchError,
} from '@millrace/persistence';
import { expect } from 'chai';
import pg from 'pg';
import { createEmptyDatabase, startOwnPostgres, type ScratchDatabase } from '../../support/postgres.js';

async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Everything in the schema, so that two of them can be compared. */
function describeSchema(url: string): Promise<string[]> {
  return onDatabase(url, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      SELECT 'relation ' || c.relkind::text || ' ' || c.relname AS line FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace
      UNION ALL SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      UNION ALL SELECT 'policy ' || tablename || '.' || policyname FROM pg_policies
      UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
      ORDER BY 1`);
    // What the runner itself keeps stays when everything else is gone.
    return rows.map((row) => row.line).filter((line) => !/schema_migrations|PK_[0-9a-f]{27}/.test(line));
  });
}

/** Runs migrate in a process of its own and answers with what that one applied. */
async function migrateElsewhere(url: string): Promise<string[]> {
  const program = `
    import { migrate } from '@millrace/persistence';
    process.stdout.write((await migrate(process.env.TARGET)).applied.join(' '));`;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import=tsx', '--input-type=module', '--eval', program],
    {
      cwd: fileURLToPath(new URL('../../../packages/runtime', import.meta.url)),
      env: { ...process.env, TARGET: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  expect(child.exitCode).to.equal(0);
  return output.split(' ').filter((name) => name !== '');
}

async function refusal(work: Promise<unknown>): Promise<SchemaMismatchError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SchemaMismatchError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('migrate', function () {
  this.timeout(60_000);
  let database: ScratchDatabase;

  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  it('goes up, down to nothing and up to the very same schema', async () => {
    const { applied } = await migrate(database.url);
    const first = await describeSchema(database.url);
    const { reverted } = await rollback(database.url, applied.length);
    const emptied = await describeSchema(database.url);
    await migrate(database.url);

    expect(applied).to.deep.equal(EXPECTED_MIGRATIONS);
    expect(reverted).to.deep.equal([...EXPECTED_MIGRATIONS].reverse());
    expect(emptied).to.deep.equal([]);
    expect(await describeSchema(database.url)).to.deep.equal(first);
  });

  it('takes each migration back and forth on its own', async () => {
    for (const name of EXPECTED_MIGRATIONS) {
      const before = await describeSchema(database.url);
      expect(await migrate(database.url, { upTo: name })).to.deep.equal({ applied: [name] });
      const after = await describeSchema(database.url);
      expect(await rollback(database.url, 1)).to.deep.equal({ reverted: [name] });
      expect(await describeSchema(database.url)).to.deep.equal(before);
      await migrate(database.url, { upTo: name });
      expect(await describeSchema(database.url)).to.deep.equal(after);
    }
  });

  it('takes open sessions along, up and down', async () => {
    const steps = EXPECTED_MIGRATIONS.length - EXPECTED_MIGRATIONS.indexOf('Sessions1764000000014');
    await migrate(database.url);
    await rollback(database.url, steps);
    const tokens = `SELECT family_id, user_id, expires_at, revoked_at IS NULL AS live FROM refresh_tokens ORDER BY id`;
    const [before, sessions, after] = await onDatabase(database.url, async (client) => {
      await client.query(`
        INSERT INTO users (username, password_hash) VALUES ('ada', 'x');
        INSERT INTO refresh_tokens (family_id, user_id, token_hash, expires_at, used_at, revoked_at)
        SELECT f.id, u.id, sha256(random()::text::bytea), timestamptz '2030-01-01Z', t.used_at, f.revoked_at
        FROM users u, (VALUES (uuid7(), NULL::timestamptz), (uuid7(), now())) f (id, revoked_at),
          (VALUES (now()), (NULL)) t (used_at)`);
      const old = await client.query<object>(tokens);
      await migrate(database.url);
      const made = await client.query<{ live: boolean }>(
        'SELECT id, user_id, expires_at, ended_at IS NULL AS live FROM sessions ORDER BY id',
      );
      await rollback(database.url, steps);
      return [old.rows, made.rows, (await client.query<object>(tokens)).rows] as const;
    });

    expect(before).to.have.length(4);
    expect(sessions.map(({ live }) => live)).to.deep.equal([true, false]);
    expect(after).to.deep.equal(before);
  });

  it('does nothing when there is nothing to do', async () => {
    await migrate(database.url);
    expect(await migrate(database.url)).to.deep.equal({ applied: [] });
  });

  it('is done once when processes and calls migrate at the same time', async () => {
    const answers = await Promise.all([
      migrateElsewhere(database.url),
      migrateElsewhere(database.url),
      migrate(database.url).then(({ applied }) => applied),
      migrate(database.url).then(({ applied }) => applied),
    ]);
    expect(answers.flat()).to.deep.equal(EXPECTED_MIGRATIONS);
    await assertSchema(database.url);
  });

  it('leaves nothing of a migration that failed', async () => {
    const [foundation, accounts] = EXPECTED_MIGRATIONS;
    if (foundation === undefined || accounts === undefined) throw new Error('two migrations are needed');
    await migrate(database.url, { upTo: foundation });
    // The last table of the second migration is in the way.
    await onDatabase(database.url, (client) => client.query('CREATE TABLE login_failures ()'));
    const failure = await migrate(database.url).catch((error: unknown) => error);
    const left = await describeSchema(database.url);
    await onDatabase(database.url, (client) => client.query('DROP TABLE login_failures'));

    expect(failure).to.be.instanceOf(Error).with.property('message').that.includes('login_failures');
    expect(left.some((line) => line.includes('users'))).to.equal(false);
    expect((await migrate(database.url)).applied[0]).to.equal(accounts);
  });
});

describe('assertSchema', function () {
  this.timeout(60_000);
  let database: ScratchDatabase;

  before(async () => {
    database = await createEmptyDatabase();
  });
  after(() => database.drop());

  it('says what to do about a missing and an older schema', async () => {
    const missing = await refusal(assertSchema(database.url));
    await migrate(database.url);
    await rollback(database.url, 1);
    const older = await refusal(assertSchema(database.url));
    await migrate(database.url);

    expect(missing)
      .to.include({ kind: 'missing' })
      .and.property('message')
      .match(/run migrate first/);
    expect(older)
      .to.include({ kind: 'older' })
      .and.property('message')
      .match(new RegExp(`${EXPECTED_MIGRATIONS.at(-1) ?? ''}.*run migrate first`));
  });

  it('accepts its own schema from either role', async () => {
    await migrate(database.url);
    for (const role of ['millrace_api', 'millrace_engine'] as const) {
      const pool = createPool({ databaseUrl: database.url, role, max: 1, applicationName: 'test' });
      await assertSchema(pool).finally(() => pool.end());
    }
  });

  it('refuses a newer schema, and so do migrate and rollback', async () => {
    await migrate(database.url);
    await onDatabase(database.url, (client) =>
      client.query(
        `INSERT INTO schema_migrations (timestamp, name) VALUES (1999999999999, 'Later1999999999999')`,
      ),
    );
    for (const attempt of [assertSchema, migrate, (url: string) => rollback(url, 1)]) {
      const newer = await refusal(attempt(database.url));
      expect(newer)
        .to.include({ kind: 'newer' })
        .and.property('message')
        .match(/newer than this build.*Later/);
    }
  });
});

describe('a server that Millrace has never seen', function () {
  this.timeout(120_000);

  /** The address of another database of a server, also under another login. */
  function addressOf(url: string, name: string, login?: { user: string; password: string }): string {
    const address = new URL(url);
    address.pathname = `/${name}`;
    if (login) Object.assign(address, { username: login.user, password: login.password });
    return address.href;
  }

  it('lets several databases be migrated at once, though the roles are shared', async () => {
    const server = await startOwnPostgres();
    try {
      const names = ['one', 'two', 'three', 'four'];
      await onDatabase(server.url, async (client) => {
        for (const name of names) await client.query(`CREATE DATABASE ${name}`);
      });
      const answers = await Promise.all(names.map((name) => migrate(addressOf(server.url, name))));
      for (const { applied } of answers) expect(applied).to.deep.equal(EXPECTED_MIGRATIONS);
    } finally {
      await server.stop();
    }
  });

  it('takes a login that is no superuser but may create roles, and tells another what it lacks', async () => {
    const server = await startOwnPostgres();
    const login = { user: 'operator', password: 'secret' };
    const plain = { user: 'tenant', password: 'secret' };
    try {
      await onDatabase(server.url, async (client) => {
        await client.query(`CREATE ROLE operator LOGIN CREATEROLE PASSWORD 'secret'`);
        await client.query(`CREATE ROLE tenant LOGIN PASSWORD 'secret'`);
        await client.query('CREATE DATABASE theirs OWNER operator');
        await client.query('CREATE DATABASE other OWNER tenant');
      });
      const url = addressOf(server.url, 'theirs', login);
      await migrate(url);
      const api = createApiDatabase({ databaseUrl: url, applicationName: 'test' });
      await api.start();
      const made = await api
        .asPlatform(({ users }) => users.create({ username: 'ada', passwordHash: 'x', scopes: [] }))
        .finally(() => api.stop());
      const engine = createPool({
        databaseUrl: url,
        role: 'millrace_engine',
        max: 1,
        applicationName: 'test',
      });
      const partitions = await engine
        .query<{ made: number }>(`SELECT create_partitions(now(), now() + interval '60 days') AS made`)
        .finally(() => engine.end());

      expect(made.kind).to.equal('created');
      expect(partitions.rows[0]?.made).to.be.greaterThan(0);

      const other = addressOf(server.url, 'other', plain);
      const lacking = await migrate(other).catch((error: unknown) => error);
      expect(lacking).to.be.instanceOf(Error);
      expect(String(lacking)).to.match(/GRANT millrace_api TO tenant/);
      await onDatabase(server.url, (client) => client.query('GRANT millrace_api, millrace_engine TO tenant'));
      expect((await migrate(other)).applied).to.deep.equal(EXPECTED_MIGRATIONS);
    } finally {
      await server.stop();
    }
  });
});
