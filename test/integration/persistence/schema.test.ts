import { expect } from 'chai';
import {
  createCaller,
  createWorkflow,
  hash,
  insertExecution,
  setup,
  sqlState,
  type Bundle,
} from './support.js';

describe('the schema', () => {
  let bundle: Bundle;

  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  async function one<Row extends object>(sql: string, values: unknown[] = []): Promise<Row> {
    const { rows } = await bundle.owner.query<Row>(sql, values);
    const [row] = rows;
    if (!row) throw new Error(`no row: ${sql}`);
    return row;
  }

  describe('uuid7', () => {
    it('is a UUID of version 7 and carries the time it was given, to the millisecond', async () => {
      const row = await one<{ id: string; same: boolean }>(
        `SELECT uuid7(at)::text AS id, ('x' || translate(left(uuid7(at)::text, 13), '-', ''))::bit(48)::bigint
           = floor(extract(epoch FROM at) * 1000)::bigint AS same
         FROM (SELECT timestamptz '2026-11-23 12:34:56.789123Z' AS at) m`,
      );
      expect(row.id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(row.same).to.equal(true);
    });

    it('takes its time from the clock of the database, which goes on within a transaction', async () => {
      const client = await bundle.owner.connect();
      try {
        await client.query('BEGIN');
        const read = (): Promise<{ rows: { id: string; in_between: boolean }[] }> =>
          client.query(`SELECT id, id BETWEEN uuid7_floor(before) AND uuid7_floor(clock_timestamp() + interval '1 ms')
            AS in_between FROM (SELECT clock_timestamp() AS before, uuid7() AS id OFFSET 0) m`);
        const [first] = (await read()).rows;
        await client.query('SELECT pg_sleep(0.002)');
        const [second] = (await read()).rows;
        expect(first?.in_between).to.equal(true);
        expect(second?.in_between).to.equal(true);
        expect(second?.id.slice(0, 13)).to.not.equal(first?.id.slice(0, 13));
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    });

    it('sorts by microseconds, and its floor is below every id of that moment', async () => {
      const row = await one<{ ordered: boolean; floored: boolean; distinct: number }>(`
        SELECT bool_and(id > previous) FILTER (WHERE previous IS NOT NULL) AS ordered,
          bool_and(id >= uuid7_floor(at)) AS floored, count(DISTINCT id)::int AS distinct
        FROM (SELECT id, at, lag(id) OVER (ORDER BY at) AS previous FROM (
          SELECT uuid7(at) AS id, at FROM (
            SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 microsecond' AS at
            FROM generate_series(0, 9999) n) m OFFSET 0) i) p`);
      expect(row).to.deep.equal({ ordered: true, floored: true, distinct: 10_000 });
    });
  });

  describe('partitions', () => {
    const missing = `SELECT create_partitions(now() + interval '100 days', now() + interval '114 days') AS made`;

    it('are made once, by the engine, and again is harmless', async () => {
      const first = await bundle.engine.query<{ made: number }>(missing);
      const again = await bundle.engine.query<{ made: number }>(missing);
      expect(first.rows[0]?.made).to.be.oneOf([4, 6]);
      expect(again.rows[0]?.made).to.equal(0);
    });

    it('may be made by several at once', async () => {
      const answers = await Promise.all(
        [1, 2, 3].map(() =>
          one<{ made: number }>(`SELECT create_partitions('2031-06-02 00:00Z', '2031-06-08 00:00Z') AS made`),
        ),
      );
      expect(answers.map((row) => row.made).sort()).to.deep.equal([0, 0, 2]);
    });

    it('take the rows of their week', async () => {
      const ada = await createCaller(bundle);
      const id = await insertExecution(bundle, { workflowId: 'any', ownerId: ada.userId });
      const row = await one<{ part: string; week: string }>(
        `SELECT tableoid::regclass::text AS part, 'executions_' || to_char(now() AT TIME ZONE 'UTC', 'IYYY"w"IW') AS week
         FROM executions WHERE id = $1`,
        [id],
      );
      expect(row.part).to.equal(row.week);
    });

    it('leave rows of any other time to DEFAULT, and fetch them from there when they are made', async () => {
      const ada = await createCaller(bundle);
      const at = `timestamptz '2035-03-07 12:00Z'`;
      const id = await insertExecution(bundle, { workflowId: 'any', ownerId: ada.userId, at });
      await bundle.engine.query(
        `INSERT INTO execution_events (execution_id, seq, type, data) VALUES ($1, 1, 'queued', '{}')`,
        [id],
      );
      const where = (): Promise<{ execution: string; event: string }> =>
        one(
          `SELECT e.tableoid::regclass::text AS execution, v.tableoid::regclass::text AS event
           FROM executions e JOIN execution_events v ON v.execution_id = e.id WHERE e.id = $1`,
          [id],
        );
      const before = await where();
      const made = await one<{ made: number }>(`SELECT create_partitions(${at}, ${at}) AS made`);

      expect(before).to.deep.equal({ execution: 'executions_default', event: 'execution_events_default' });
      expect(made).to.deep.equal({ made: 2 });
      expect(await where()).to.deep.equal({
        execution: 'executions_2035w10',
        event: 'execution_events_2035w10',
      });
    });

    it('carry every index and constraint of their parent', async () => {
      const { rows } = await bundle.owner.query<{ part: string; indexes: number; wanted: number }>(`
        SELECT i.inhrelid::regclass::text AS part,
          (SELECT count(*)::int FROM pg_index x JOIN pg_inherits n ON n.inhrelid = x.indexrelid
           WHERE x.indrelid = i.inhrelid) AS indexes,
          (SELECT count(*)::int FROM pg_index x WHERE x.indrelid = i.inhparent) AS wanted
        FROM pg_inherits i WHERE i.inhparent IN ('executions'::regclass, 'execution_events'::regclass)`);
      for (const row of rows) expect(row.indexes, row.part).to.equal(row.wanted);
    });
  });

  describe('updated_at', () => {
    for (const [table, change, key] of [
      ['users', `full_name = 'Ada'`, 'id'],
      ['workflows', `description = 'changed'`, 'id'],
      ['drafts', 'revision = revision + 1', 'workflow_id'],
    ] as const) {
      it(`of ${table} is set by every update, whatever the statement says`, async () => {
        const ada = await createCaller(bundle);
        const workflowId = await createWorkflow(bundle, ada);
        await bundle.api.asCaller(ada, ({ drafts }) => drafts.put(workflowId, {}));
        const id = table === 'users' ? ada.userId : workflowId;
        const row = await one<{ touched: boolean }>(
          `UPDATE ${table} SET ${change}, updated_at = '2001-01-01Z' WHERE ${key} = $1
           RETURNING updated_at = now() AS touched`,
          [id],
        );
        expect(row.touched).to.equal(true);
      });
    }
  });

  it('lets nobody change a published version, not even its owner', async () => {
    const ada = await createCaller(bundle);
    const id = await createWorkflow(bundle, ada);
    const change = bundle.owner.query(
      `UPDATE workflow_versions SET definition = '{}' WHERE workflow_id = $1`,
      [id],
    );
    expect(await sqlState(change)).to.equal('23001');
  });

  describe('refuses', () => {
    const execution = `execution_state (execution_id, workflow_id, owner_id, last_seq, status`;
    const values = `VALUES (uuid7(), 'w', uuid7(), 1`;
    const finished =
      'executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at, root_id, trace_id, steps_total';
    const finishedValues = `VALUES (uuid7(), 'w', 1, uuid7(), uuid7(), '{}', now(), uuid7(), 't', 1`;
    const workflow =
      'workflows (owner_id, created_by, updated_by, definition, node_count, id, name, fingerprint';
    const by = `SELECT u.id, u.id, u.id, '{}', 0`;
    const cases: [what: string, sql: string, state: string][] = [
      [
        'a user name with a space',
        `INSERT INTO users (username, password_hash) VALUES ('a b', 'x')`,
        '23514',
      ],
      [
        'the same name in another case',
        `INSERT INTO users (username, password_hash) VALUES ('FIRST', 'x')`,
        '23505',
      ],
      [
        'a token hash of the wrong length',
        `INSERT INTO refresh_tokens (session_id, token_hash) VALUES (uuid7(), 'x')`,
        '23514',
      ],
      [
        'a workflow id of an execution',
        `INSERT INTO ${workflow}) ${by}, 'exec_1', 'n', sha256('') FROM users u LIMIT 1`,
        '23514',
      ],
      [
        'a workflow id with a slash',
        `INSERT INTO ${workflow}) ${by}, 'a/b/c', 'n', sha256('') FROM users u LIMIT 1`,
        '23514',
      ],
      [
        'a workflow without a name',
        `INSERT INTO ${workflow}) ${by}, 'abc', '', sha256('') FROM users u LIMIT 1`,
        '23514',
      ],
      [
        'a workflow of an unknown status',
        `INSERT INTO ${workflow}, status) ${by}, 'abc', 'n', sha256(''), 'gone' FROM users u LIMIT 1`,
        '23514',
      ],
      [
        'metadata that is no object',
        `INSERT INTO ${workflow}, metadata) ${by}, 'abc', 'n', sha256(''), '[]' FROM users u LIMIT 1`,
        '23514',
      ],
      [
        'a workflow of nobody',
        `INSERT INTO ${workflow}) SELECT i, i, i, '{}', 0, 'abc', 'n', sha256('') FROM uuid7() i`,
        '23503',
      ],
      ['a live row that has ended', `INSERT INTO ${execution}) ${values}, 'completed')`, '23514'],
      [
        'a worker on what does not run',
        `INSERT INTO ${execution}, worker_id) ${values}, 'queued', uuid7())`,
        '23514',
      ],
      [
        'a hint for what is claimed',
        `INSERT INTO ${execution}, worker_id, redispatch_at) ${values}, 'running', uuid7(), now())`,
        '23514',
      ],
      [
        'a timer on what does not wait',
        `INSERT INTO ${execution}, wake_at) ${values}, 'running', now())`,
        '23514',
      ],
      [
        'more messages read than sent',
        `INSERT INTO ${execution}, inbox_read) ${values}, 'queued', 1)`,
        '23514',
      ],
      [
        'a log that begins at 0',
        `INSERT INTO execution_events (execution_id, seq, type, data) VALUES (uuid7(), 0, 'queued', '{}')`,
        '23514',
      ],
      [
        'an end without its time',
        `INSERT INTO ${finished}, status, final_seq) ${finishedValues}, 'failed', 1)`,
        '23514',
      ],
      [
        'an end without its last event',
        `INSERT INTO ${finished}, status, completed_at) ${finishedValues}, 'failed', now())`,
        '23514',
      ],
      [
        'a live status among the ended',
        `INSERT INTO ${finished}, status, completed_at, final_seq) ${finishedValues}, 'running', now(), 1)`,
        '23514',
      ],
      [
        'an empty idempotency key',
        `INSERT INTO idempotency_keys VALUES (uuid7(), 'w', '', sha256(''), uuid7(), now())`,
        '23514',
      ],
      [
        'a worker without slots',
        `INSERT INTO workers (id, host, pid, version, slots, lease_until) VALUES (uuid7(), 'h', 1, '1', 0, now())`,
        '23514',
      ],
      [
        'a log line of an unknown level',
        `INSERT INTO step_logs VALUES (uuid7(), 's', 1, 1, now(), 'shout', '')`,
        '23514',
      ],
      [
        'a signal of an unknown kind',
        `INSERT INTO signals (execution_id, number, kind, payload) VALUES (uuid7(), 1, 'knock', '{}')`,
        '23514',
      ],
    ];

    before(() => createCaller(bundle, { username: 'first' }));

    for (const [what, sql, state] of cases) {
      it(what, async () => {
        expect(await sqlState(bundle.owner.query(sql))).to.equal(state);
      });
    }
  });

  it('keeps what jsonb would refuse in definitions and parameters', async () => {
    const ada = await createCaller(bundle);
    const odd = {
      name: 'Odd',
      description: '',
      nodes: [],
      edges: [],
      metadata: {},
      parameters_schema: { a: '\0 \ud800' },
    };
    const made = await bundle.api.asCaller(ada, ({ workflows }) =>
      workflows.create({ definition: odd, fingerprint: hash('odd') }),
    );
    expect(made).to.have.deep.nested.property('workflow.definition', odd);
  });
});
