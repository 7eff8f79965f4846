import { createKeyring, type Caller, type NewWebhook } from '@millrace/persistence';
import { expect } from 'chai';
import pg from 'pg';
import {
  createCaller,
  createWorkflow,
  definitionOf,
  hash,
  insertExecution,
  setup,
  sqlState,
  unique,
  type Bundle,
} from './support.js';

/** Every table whose rows belong to somebody, with how many rows `ada` has in it. */
const PROTECTED = [
  'workflows',
  'workflow_versions',
  'drafts',
  'secrets',
  'webhooks',
  'webhook_deliveries',
  'workflow_callbacks',
  'callbacks',
  'executions',
  'execution_state',
  'execution_events',
  'blobs',
  'step_logs',
  'approvals',
  'event_waits',
  'external_events',
] as const;

const keyring = createKeyring({ key: Buffer.alloc(32, 'k') });

const WEBHOOK: Omit<NewWebhook, 'id' | 'workflowId' | 'path'> = {
  name: 'Webhook',
  settings: {
    methods: ['POST'],
    signature: { type: 'none' },
    mapping: null,
    response: { mode: 'immediate', timeout_seconds: 30 },
    content_types: null,
  },
  secret: null,
  enabled: true,
};

describe('row-level security', () => {
  let bundle: Bundle;
  let ada: Caller;
  let bob: Caller;
  let admin: Caller;
  let adasWorkflow: string;
  let adasExecution: string;
  let raw: pg.Pool;
  const login = unique('millrace_test');

  before(async () => {
    bundle = await setup();
    [ada, bob, admin] = [
      await createCaller(bundle),
      await createCaller(bundle),
      await createCaller(bundle, { admin: true }),
    ];
    adasWorkflow = await seed(ada);
    await seed(bob);
    // A login of its own that is no superuser: superusers and owners pass every policy.
    await bundle.owner.query(`CREATE ROLE ${login} LOGIN PASSWORD 'tenant' IN ROLE millrace_api`);
    const address = new URL(bundle.url);
    Object.assign(address, { username: login, password: 'tenant' });
    raw = new pg.Pool({ connectionString: address.href, max: 1, options: '-c role=millrace_api' });
  });
  after(async () => {
    await raw.end();
    await bundle.owner.query(`DROP ROLE ${login}`);
    await bundle.end();
  });

  /** One row in every protected table. */
  async function seed(caller: Caller): Promise<string> {
    const workflowId = await createWorkflow(bundle, caller);
    await bundle.api.asCaller(caller, ({ drafts }) => drafts.put(workflowId, { name: 'unfinished' }));
    await bundle.api.asCaller(caller, ({ secrets }) =>
      secrets.put(keyring, { ownerId: caller.userId, name: 'token', value: 'a value' }),
    );
    const execution = await insertExecution(bundle, {
      workflowId,
      ownerId: caller.userId,
      status: 'running',
    });
    if (caller === ada) adasExecution = execution;
    await bundle.engine.query(
      `INSERT INTO execution_events (execution_id, seq, type, data) VALUES ($1, 1, 'queued', '{}')`,
      [execution],
    );
    await bundle.engine.query(
      `INSERT INTO blobs (execution_id, content_type, size_bytes, content) VALUES ($1, 'text/plain', 1, 'x')`,
      [execution],
    );
    await bundle.engine.query(
      `INSERT INTO step_logs (execution_id, step_id, attempt, line, at, level, message)
       VALUES ($1, 'a', 1, 1, now(), 'info', 'hello')`,
      [execution],
    );
    await bundle.engine.query(
      `INSERT INTO approvals (execution_id, step_id, iteration, attempt, kind, workflow_id, workflow_name, owner_id,
         submitted_by, message, approvers, required, exclude_submitter)
       VALUES ($1, 'a', '', 1, 'approval', $2, 'w', $3, $3, '', '{}', 1, false)`,
      [execution, workflowId, caller.userId],
    );
    await bundle.engine.query(
      `INSERT INTO event_waits (execution_id, step_id, iteration, attempt, owner_id, name, key)
       VALUES ($1, 'a', '', 1, $2, 'event', '')`,
      [execution, caller.userId],
    );
    await bundle.engine.query(
      `INSERT INTO external_events (owner_id, name, key, payload, sent_by, expires_at)
       VALUES ($1, 'event', '', '{}', $1, now() + interval '1 day')`,
      [caller.userId],
    );
    await bundle.engine.query(
      `INSERT INTO callbacks (execution_id, workflow_id, owner_id, target) VALUES ($1, $2, $3, '{"host": "example.com"}')`,
      [execution, workflowId, caller.userId],
    );
    await bundle.api.asCaller(caller, async ({ webhooks, callbacks }) => {
      const id = await webhooks.newId();
      await webhooks.create({ ...WEBHOOK, id, workflowId, path: unique('path') });
      await callbacks.setTarget(workflowId, null);
    });
    await bundle.engine.query(
      `INSERT INTO webhook_deliveries (webhook_id, received_at, method, status, size_bytes, duration_ms)
       SELECT id, now(), 'POST', 202, 0, 0 FROM webhooks WHERE workflow_id = $1`,
      [workflowId],
    );
    return workflowId;
  }

  async function rowsSeen(table: string, caller?: Caller): Promise<number> {
    const client = await raw.connect();
    try {
      await client.query('BEGIN');
      if (caller) {
        await client.query(
          `SELECT set_config('millrace.user_id', $1, true), set_config('millrace.admin', $2, true)`,
          [caller.userId, caller.admin ? 'on' : 'off'],
        );
      }
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
      return rows[0]?.count ?? -1;
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  it('binds a role that is neither superuser nor owner nor exempt', async () => {
    const { rows } = await raw.query(
      `SELECT rolsuper, rolbypassrls, current_user::text AS name FROM pg_roles WHERE rolname = current_user`,
    );
    expect(rows).to.deep.equal([{ rolsuper: false, rolbypassrls: false, name: 'millrace_api' }]);
  });

  it('covers every table that names an owner, a workflow or an execution and that the role may read', async () => {
    const { rows } = await bundle.owner.query<{ name: string }>(`
      SELECT DISTINCT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND a.attname IN ('owner_id', 'workflow_id', 'execution_id')
        AND has_any_column_privilege('millrace_api', c.oid, 'SELECT') ORDER BY 1`);
    expect(rows.map((row) => row.name)).to.have.members([...PROTECTED]);
  });

  for (const table of PROTECTED) {
    it(`shows no row of ${table} without a caller, a caller's own, and all to an admin`, async () => {
      expect({
        nobody: await rowsSeen(table),
        ada: await rowsSeen(table, ada),
        bob: await rowsSeen(table, bob),
        admin: await rowsSeen(table, admin),
      }).to.deep.equal({ nobody: 0, ada: 1, bob: 1, admin: 2 });
    });
  }

  it('shows an approval to those it names, who see nobody else’s name', async () => {
    const eve = await createCaller(bundle);
    const { rows } = await bundle.engine.query<{ id: string }>(
      'SELECT id FROM approvals WHERE owner_id = $1',
      [ada.userId],
    );
    await bundle.engine.query(
      `INSERT INTO approval_approvers (username, approval_id)
       SELECT username, $1 FROM users WHERE id = ANY($2::uuid[])`,
      [rows[0]?.id, [eve.userId, bob.userId]],
    );

    const seen = await rowsSeen('approvals', eve);
    const names = await rowsSeen('approval_approvers', eve);
    await bundle.engine.query('DELETE FROM approval_approvers');

    expect({ seen, names, nobody: await rowsSeen('approval_approvers') }).to.deep.equal({
      ...{ seen: 1, names: 1, nobody: 0 },
    });
    expect(await rowsSeen('approvals', eve)).to.equal(0);
  });

  it('does not reach around the policy through a partition', async () => {
    const { rows } = await bundle.owner.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent IN ('executions'::regclass, 'execution_events'::regclass)`,
    );
    expect(rows).to.have.length.greaterThan(4);
    for (const { name } of rows) {
      expect(await sqlState(raw.query(`SELECT 1 FROM ${name}`)), name).to.equal('42501');
    }
  });

  it('keeps a caller out of the next transaction on the same connection', async () => {
    await rowsSeen('workflows', ada);
    expect(await rowsSeen('workflows')).to.equal(0);
  });

  it('hides foreign rows from every read and write of the repositories', async () => {
    const definition = definitionOf({ name: 'Taken over' });
    const answers = await bundle.api.asCaller(bob, async (repositories) => ({
      get: await repositories.workflows.get(adasWorkflow),
      save: await repositories.workflows.save(adasWorkflow, { definition, fingerprint: hash('other') }),
      patch: await repositories.workflows.patch(adasWorkflow, { status: 'archived' }),
      remove: await repositories.workflows.softDelete(adasWorkflow),
      draft: await repositories.drafts.get(adasWorkflow),
      put: await repositories.drafts.put(adasWorkflow, { stolen: true }),
      discard: await repositories.drafts.discard(adasWorkflow),
      versions: await repositories.versions.list(adasWorkflow, { limit: 10 }),
      execution: await repositories.executions.get(adasExecution),
      executions: await repositories.executions.list({ limit: 10, workflowId: adasWorkflow }),
      ofAda: await repositories.executions.list({ limit: 10, ownerId: ada.userId, statuses: ['running'] }),
      logs: await repositories.stepLogs.list(adasExecution, { limit: 10 }),
      secret: await repositories.secrets.get(ada.userId, 'token'),
      secrets: await repositories.secrets.list(ada.userId, { limit: 10 }),
      deletedSecret: await repositories.secrets.delete(ada.userId, 'token'),
      usedBy: await repositories.secrets.usedBy(ada.userId, 'token'),
    }));
    expect(answers).to.deep.equal({
      get: undefined,
      save: { kind: 'unknown' },
      patch: { kind: 'unknown' },
      remove: { kind: 'unknown' },
      draft: undefined,
      put: { kind: 'unknown' },
      discard: false,
      versions: { items: [] },
      execution: undefined,
      executions: { items: [] },
      ofAda: { items: [] },
      logs: { items: [] },
      secret: undefined,
      secrets: { items: [] },
      deletedSecret: false,
      usedBy: [],
    });
    const untouched = await bundle.api.asCaller(ada, ({ workflows }) => workflows.get(adasWorkflow));
    expect(untouched).to.include({ name: 'Nightly report', status: 'active', revision: 1 });
  });

  it('refuses rows made for, or given to, somebody else, except by an admin', async () => {
    const definition = definitionOf();
    const fingerprint = hash('graph');
    const forAda = { ownerId: ada.userId, definition, fingerprint };
    const created = bundle.api.asCaller(bob, ({ workflows }) => workflows.create(forAda));
    expect(await sqlState(created)).to.equal('42501');
    const planted = bundle.api.asCaller(bob, ({ secrets }) =>
      secrets.put(keyring, { ownerId: ada.userId, name: 'planted', value: 'a value' }),
    );
    expect(await sqlState(planted)).to.equal('42501');
    const own = await createWorkflow(bundle, bob);
    const given = bundle.api.asCaller(bob, ({ workflows }) => workflows.patch(own, { ownerId: ada.userId }));
    expect(await sqlState(given)).to.equal('42501');

    const made = await bundle.api.asCaller(admin, ({ workflows }) => workflows.create(forAda));
    if (made.kind !== 'created') throw new Error('refused');
    const moved = await bundle.api.asCaller(admin, ({ workflows }) =>
      workflows.patch(made.workflow.id, { ownerId: bob.userId }),
    );
    expect(made.workflow.ownerId).to.equal(ada.userId);
    expect(moved).to.have.nested.property('workflow.ownerId', bob.userId);
    await bundle.owner.query('DELETE FROM workflows WHERE id = ANY($1)', [[made.workflow.id, own]]);
  });

  it('refuses version rows of a foreign workflow', async () => {
    const client = await raw.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('millrace.user_id', $1, true)`, [bob.userId]);
      const insert = client.query(
        `INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by)
         VALUES ($1, 2, '{}', $2, $3)`,
        [adasWorkflow, hash('x'), bob.userId],
      );
      expect(await sqlState(insert)).to.equal('42501');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('leaves the writing of executions and their logs to the engine, even for an admin', async () => {
    for (const statement of [
      'UPDATE executions SET trace_id = NULL',
      'DELETE FROM execution_state',
      `INSERT INTO execution_events (execution_id, seq, type, data) VALUES (uuid7(), 1, 'queued', '{}')`,
      'UPDATE workflow_versions SET version = 9',
      'DELETE FROM workflow_versions',
      'SELECT * FROM signals',
      'SELECT ciphertext FROM secrets',
      'SELECT nonce, tag FROM secrets',
      'SELECT * FROM idempotency_keys',
      'SELECT create_partitions(now(), now())',
    ]) {
      expect(await sqlState(raw.query(statement)), statement).to.equal('42501');
    }
  });

  it('tells owner and deletion of any workflow and execution, and nothing of unknown ones', async () => {
    const answers = await bundle.api.asPlatform(async ({ access }) => [
      await access.workflow(adasWorkflow),
      await access.workflow('nothing-here'),
      await access.workflow('\0'),
      await access.execution(adasExecution),
      await access.execution('00000000-0000-7000-8000-000000000000'),
      await access.execution('not a uuid'),
    ]);
    expect(answers).to.deep.equal([
      { ownerId: ada.userId, deleted: false },
      undefined,
      undefined,
      { ownerId: ada.userId, workflowId: adasWorkflow },
      undefined,
      undefined,
    ]);
  });

  it('lets a search name only the caller as owner', async () => {
    const search = (caller: Caller | undefined, owner: string | null): Promise<number> =>
      rowsSeen(
        `search_workflows(${owner === null ? 'NULL' : `'${owner}'`}, '''nightly'':*', NULL, NULL, 'name', NULL, NULL, NULL, 50)`,
        caller,
      );
    expect({
      nobody: await search(undefined, ada.userId),
      all: await search(ada, null),
      own: await search(ada, ada.userId),
      foreign: await search(bob, ada.userId),
      admin: await search(admin, null),
    }).to.deep.equal({ nobody: 0, all: 0, own: 1, foreign: 0, admin: 2 });
  });

  it('is not fooled by tables that a caller puts before the real ones', async () => {
    const client = await raw.connect();
    try {
      await client.query('CREATE TEMP TABLE workflows (id text, owner_id uuid, deleted_at timestamptz)');
      await client.query(`INSERT INTO pg_temp.workflows VALUES ('made-up', $1, NULL)`, [bob.userId]);
      const { rows } = await client.query(`SELECT owner_id FROM workflow_access('made-up')`);
      expect(rows).to.deep.equal([{ owner_id: null }]);
    } finally {
      await client.query('DROP TABLE IF EXISTS pg_temp.workflows');
      client.release();
    }
  });

  it('refuses a caller who is no user id, before anything reaches the database', async () => {
    const attempt = bundle.api
      .asCaller({ userId: `' OR true --`, admin: false }, () => Promise.resolve())
      .catch((error: unknown) => error);
    expect(await attempt).to.be.instanceOf(TypeError);
  });

  it('rolls everything back when the work throws', async () => {
    const id = 'rolled-back';
    const attempt = bundle.api.asCaller(ada, async ({ workflows }) => {
      await workflows.create({ id, definition: definitionOf(), fingerprint: hash('graph') });
      throw new Error('changed my mind');
    });
    expect(await attempt.catch(String)).to.equal('Error: changed my mind');
    expect(await bundle.api.asPlatform(({ access }) => access.workflow(id))).to.equal(undefined);
  });
});
