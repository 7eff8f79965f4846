import { EXECUTION_STATUSES, type ExecutionStatus } from '@millrace/contracts';
import { InvalidCursorError, type Caller, type ExecutionFilter } from '@millrace/persistence';
import { expect } from 'chai';
import { createCaller, createWorkflow, insertExecution, setup, type Bundle } from './support.js';

describe('executions as readers see them', () => {
  let bundle: Bundle;
  let ada: Caller & { username: string };
  let admin: Caller & { username: string };
  let workflowId: string;

  before(async () => {
    bundle = await setup();
  });
  beforeEach(async () => {
    ada = await createCaller(bundle);
    admin = await createCaller(bundle, { admin: true });
    workflowId = await createWorkflow(bundle, ada);
  });
  after(() => bundle.end());

  function insert(status?: string, at?: string): Promise<string> {
    return insertExecution(bundle, {
      workflowId,
      ownerId: ada.userId,
      ...(status === undefined ? {} : { status }),
      ...(at === undefined ? {} : { at }),
    });
  }

  async function ids(filter: Partial<ExecutionFilter>, caller: Caller = ada): Promise<string[]> {
    const page = await bundle.api.asCaller(caller, ({ executions }) =>
      executions.list({ limit: 50, ...filter }),
    );
    return page.items.map((item) => item.id);
  }

  it('show status and progress of the live row while they run', async () => {
    const id = await insert('running');
    await bundle.owner.query(
      `UPDATE execution_state SET started_at = '2026-01-02T03:04:05Z', cancel_requested_at = '2026-01-02T03:04:06Z'
       WHERE execution_id = $1`,
      [id],
    );
    const running = await bundle.api.asCaller(ada, ({ executions }) => executions.get(id));
    expect(running).to.deep.include({
      id,
      workflowId,
      workflowVersion: 1,
      status: 'running',
      parameters: {},
      startedAt: new Date('2026-01-02T03:04:05Z'),
      cancelRequestedAt: new Date('2026-01-02T03:04:06Z'),
      completedAt: null,
      currentStep: 'fetch',
      stepsCompleted: 2,
      stepsTotal: 3,
      result: null,
      error: null,
      owner: ada.username,
      submittedBy: ada.username,
      retryOf: null,
      rootId: id,
      traceId: 'trace',
      lastSeq: 5,
    });
  });

  it('show what was written at the end once they have ended', async () => {
    const id = await insert('failed');
    const error = { code: 'step_failed', message: 'no \0 answer', step_id: 'fetch', attempt: 1 };
    await bundle.owner.query('UPDATE executions SET error = $2, started_at = created_at WHERE id = $1', [
      id,
      JSON.stringify(error),
    ]);
    const failed = await bundle.api.asCaller(ada, ({ executions }) => executions.get(id));
    expect(failed).to.deep.include({
      status: 'failed',
      error,
      currentStep: null,
      stepsCompleted: 3,
      lastSeq: 9,
    });
    expect(failed?.completedAt).to.be.instanceOf(Date);
    expect(failed?.startedAt).to.deep.equal(failed?.createdAt);
  });

  it('are unknown to others and under any other id', async () => {
    const id = await insert();
    const bob = await createCaller(bundle);
    expect(await bundle.api.asCaller(bob, ({ executions }) => executions.get(id))).to.equal(undefined);
    expect(await bundle.api.asCaller(admin, ({ executions }) => executions.get(id))).to.have.property(
      'id',
      id,
    );
    expect(await bundle.api.asCaller(ada, ({ executions }) => executions.get(`exec_${id}`))).to.equal(
      undefined,
    );
  });

  it('stay readable when the users they name are gone', async () => {
    const id = await insert();
    await bundle.api.asPlatform(({ users }) => users.softDelete(ada.userId));
    const found = await bundle.api.asCaller(admin, ({ executions }) => executions.get(id));
    expect(found).to.include({ owner: ada.username, submittedBy: ada.username });
  });

  it('are listed newest first and paged without gap or repeat', async () => {
    const made: string[] = [];
    for (const status of ['completed', 'queued', 'failed', 'running', 'waiting'])
      made.unshift(await insert(status));
    const first = await bundle.api.asCaller(ada, ({ executions }) => executions.list({ limit: 2 }));
    await insert();
    const rest = await bundle.api.asCaller(ada, ({ executions }) =>
      executions.list({ limit: 3, cursor: first.nextCursor }),
    );
    expect([...first.items, ...rest.items].map((item) => item.id)).to.deep.equal(made);
    expect(rest).to.not.have.property('nextCursor');
  });

  it('are filtered by workflow, status and owner, alone and together', async () => {
    const other = await createWorkflow(bundle, ada);
    const elsewhere = await insertExecution(bundle, {
      workflowId: other,
      ownerId: ada.userId,
      status: 'waiting',
    });
    const made = new Map<ExecutionStatus, string>();
    for (const status of EXECUTION_STATUSES) made.set(status, await insert(status));
    const bob = await createCaller(bundle);
    const bobs = await insertExecution(bundle, { workflowId: 'bobs', ownerId: bob.userId, status: 'failed' });

    for (const [status, id] of made) {
      const filter = { statuses: [status], workflowId };
      for (const caller of [ada, admin]) expect(await ids(filter, caller), status).to.deep.equal([id]);
    }
    expect(await ids({ statuses: ['waiting'] })).to.deep.equal([made.get('waiting'), elsewhere]);
    const several = ['failed', 'waiting', 'timed_out'] as const;
    const found = [made.get('timed_out'), made.get('failed'), made.get('waiting'), elsewhere];
    for (const caller of [ada, admin]) {
      expect(await ids({ statuses: several, workflowIds: [workflowId, other] }, caller)).to.deep.equal(found);
    }
    expect(await ids({ statuses: several, limit: 2 })).to.deep.equal(found.slice(0, 2));
    expect(await ids({ statuses: several, cursor: made.get('failed') })).to.deep.equal(found.slice(2));
    expect(await ids({ workflowIds: [] })).to.deep.equal([]);
    expect(await ids({ workflowId: other })).to.deep.equal([elsewhere]);
    expect(await ids({ ownerId: bob.userId })).to.deep.equal([]);
    expect(await ids({ ownerId: bob.userId, statuses: ['failed'] }, admin)).to.deep.equal([bobs]);
    expect(await ids({ workflowId: 'bobs' })).to.deep.equal([]);
  });

  it('are filtered by the time of their submission, its beginning included and its end not', async () => {
    const [before, from, inside, until] = [
      await insert('completed', `timestamptz '2026-03-01 11:59:59.999Z'`),
      await insert('completed', `timestamptz '2026-03-01 12:00:00.000Z'`),
      await insert('failed', `timestamptz '2026-03-01 12:30:00.000Z'`),
      await insert('completed', `timestamptz '2026-03-01 13:00:00.000Z'`),
    ];
    const [since, end] = [new Date('2026-03-01T12:00:00Z'), new Date('2026-03-01T13:00:00Z')];
    expect(await ids({ since, until: end })).to.deep.equal([inside, from]);
    expect(await ids({ until: since })).to.deep.equal([before]);
    expect(await ids({ since: end })).to.deep.equal([until]);
    expect(await ids({ since, until: end, statuses: ['failed'], workflowId })).to.deep.equal([inside]);
    expect(await ids({ since, until: end, statuses: ['running'] })).to.deep.equal([]);
    expect(await ids({ since, until: end, cursor: inside })).to.deep.equal([from]);
  });

  it('are filtered by who submitted them, their version, error and the beginning of their id', async () => {
    const bob = await createCaller(bundle);
    const [own, bobs, failed] = [await insert('completed'), await insert('running'), await insert('failed')];
    await bundle.owner.query('UPDATE executions SET submitted_by = $2 WHERE id = $1', [bobs, bob.userId]);
    await bundle.owner.query("UPDATE executions SET error_code = 'boom' WHERE id = $1", [failed]);
    await bundle.owner.query('UPDATE executions SET workflow_version = 2 WHERE id = $1', [failed]);
    const bobsWorkflow = await createWorkflow(bundle, bob);
    const forHimself = await insertExecution(bundle, { workflowId: bobsWorkflow, ownerId: bob.userId });

    expect(await ids({ submittedById: ada.userId })).to.deep.equal([failed, own]);
    expect(await ids({ submittedById: bob.userId })).to.deep.equal([bobs]);
    expect(await ids({ submittedById: bob.userId }, bob)).to.deep.equal([forHimself]);
    expect(await ids({ submittedById: bob.userId }, admin)).to.deep.equal([forHimself, bobs]);
    expect(await ids({ submittedById: bob.userId, ownerId: ada.userId }, admin)).to.deep.equal([bobs]);
    expect(await ids({ submittedById: bob.userId, statuses: ['running', 'failed'] }, admin)).to.deep.equal([
      bobs,
    ]);
    expect(await ids({ version: 2 })).to.deep.equal([failed]);
    expect(await ids({ version: 1, workflowId })).to.deep.equal([bobs, own]);
    expect(await ids({ errorCode: 'boom' })).to.deep.equal([failed]);
    expect(await ids({ errorCode: 'boo' })).to.deep.equal([]);
    expect(await ids({ errorCode: '\0' })).to.deep.equal([]);
    expect(await ids({ ids: { from: bobs, to: bobs } })).to.deep.equal([bobs]);
    expect(await ids({ ids: { from: own, to: failed }, statuses: ['running', 'failed'] })).to.deep.equal([
      failed,
      bobs,
    ]);
  });

  it('are counted by status, and not beyond a limit', async () => {
    for (const status of ['completed', 'failed', 'failed', 'running']) await insert(status);
    const count = async (filter: Partial<ExecutionFilter>, caller: Caller = ada) =>
      Object.fromEntries(
        await bundle.api.asCaller(caller, ({ executions }) => executions.count({ workflowId, ...filter })),
      );
    const of = (number: number) => ({ count: number, exact: true });

    const all = await count({});
    expect(all).to.include.keys([...EXECUTION_STATUSES]);
    expect(all).to.deep.include({ completed: of(1), failed: of(2), running: of(1), queued: of(0) });
    expect(await count({ statuses: ['failed', 'running'] }, admin)).to.deep.equal({
      failed: of(2),
      running: of(1),
    });
    expect(await count({ submittedById: ada.userId, statuses: ['failed'] }, admin)).to.deep.equal({
      failed: of(2),
    });
    expect(await count({ statuses: ['failed'], since: new Date(Date.now() + 60_000) })).to.deep.equal({
      failed: of(0),
    });
    const bob = await createCaller(bundle);
    expect(await count({ statuses: ['failed'] }, bob)).to.deep.equal({ failed: of(0) });

    await bundle.owner.query(
      `INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at,
         root_id, trace_id, steps_total, status, completed_at, steps_completed, final_seq)
       SELECT uuid7(), $1, 1, $2, $2, '{}', now(), uuid7(), 't', 1,
         CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'completed' END, now(), 1, 3
       FROM generate_series(1, 21000) n`,
      [workflowId, ada.userId],
    );
    const many = await count({ statuses: ['failed', 'completed'] });
    expect(many['failed']).to.deep.equal({ count: 10_000, exact: false });
    expect(many['completed']).to.include({ exact: false });
    expect(many['completed']?.count).to.be.within(4_000, 6_000);
  });

  it('refuse a cursor that was not given out', async () => {
    const error: unknown = await ids({ cursor: 'exec_1' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InvalidCursorError);
  });

  it('give out their payloads by both ids only', async () => {
    const [id, another] = [await insert(), await insert()];
    const { rows } = await bundle.engine.query<{ id: string }>(
      `INSERT INTO blobs (execution_id, content_type, size_bytes, content) VALUES ($1, 'application/json', 2, '{}')
       RETURNING id`,
      [id],
    );
    const blobId = rows[0]?.id ?? '';
    const answers = await bundle.api.asCaller(ada, async ({ blobs }) => ({
      found: await blobs.get(id, blobId),
      otherExecution: await blobs.get(another, blobId),
      notAnId: await blobs.get(id, 'blob'),
    }));
    expect(answers.found).to.deep.include({
      contentType: 'application/json',
      sizeBytes: 2,
      content: Buffer.from('{}'),
    });
    expect([answers.otherExecution, answers.notAnId]).to.deep.equal([undefined, undefined]);
  });

  it('give out what their steps logged, page by page, of all steps or of one', async () => {
    const id = await insert();
    await bundle.engine.query(
      `INSERT INTO step_logs SELECT $1, s, a, l, now(), 'info', s || a || l
       FROM unnest(ARRAY['a', 'b.1']) s, generate_series(1, 2) a, generate_series(1, 2) l`,
      [id],
    );
    const read = async (stepId?: string): Promise<string[]> => {
      const lines: string[] = [];
      let cursor: string | undefined;
      do {
        const from = cursor;
        const page = await bundle.api.asCaller(ada, ({ stepLogs }) =>
          stepLogs.list(id, { limit: 3, cursor: from, stepId }),
        );
        lines.push(...page.items.map((line) => line.message));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return lines;
    };
    expect(await read()).to.deep.equal(['a11', 'a12', 'a21', 'a22', 'b.111', 'b.112', 'b.121', 'b.122']);
    expect(await read('b.1')).to.deep.equal(['b.111', 'b.112', 'b.121', 'b.122']);
    for (const cursor of ['', 'a', '1.2', '1.2.\0', '99999999999.1.a']) {
      const attempt = bundle.api.asCaller(ada, ({ stepLogs }) => stepLogs.list(id, { limit: 3, cursor }));
      expect(await attempt.catch((reason: unknown) => reason)).to.be.instanceOf(InvalidCursorError);
    }
  });

  it('count the workers whose lease runs', async () => {
    await bundle.engine.query(
      `INSERT INTO workers (id, host, pid, version, slots, running, draining, lease_until) VALUES
         (uuid7(), 'h', 1, '1', 8, 3, false, now() + interval '6 s'),
         (uuid7(), 'h', 2, '1', 4, 1, true, now() + interval '6 s'),
         (uuid7(), 'h', 3, '1', 9, 9, false, now() - interval '1 s')`,
    );
    const count = await bundle.api.asPlatform(({ workers }) => workers.count());
    expect(count).to.deep.equal({ live: 2, draining: 1, slots: 12, running: 4 });
  });
});
