import { claimExecutions, discardExecutions } from '@millrace/persistence';
import type { SubmitRequest } from '@millrace/runtime';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type RuntimeSetup, startRuntime } from '../../support/runtime.js';

describe('submissions that belong to others', () => {
  let engine: RuntimeSetup;
  let workflowId: string;
  before(async () => {
    engine = await startRuntime();
    workflowId = await engine.createWorkflow({
      nodes: ['a', 'b'].map((id) => ({ id, type: 'set' as const, data: { config: { values: { id } } } })),
      edges: [{ source: 'a', target: 'b' }],
    });
  });
  after(() => engine.stop());

  function request(changes: Partial<SubmitRequest> = {}): SubmitRequest {
    return {
      workflowId,
      workflowVersion: 1,
      ownerId: engine.owner.id,
      submittedBy: engine.owner,
      parameters: {},
      stepsTotal: 2,
      traceId: 't',
      ...changes,
    };
  }

  async function accepted(changes: Partial<SubmitRequest>): Promise<string> {
    const outcome = await engine.runtime.submit(request(changes));
    if (outcome.kind !== 'accepted') throw new Error(`submit answered ${outcome.kind}`);
    return outcome.executionId;
  }

  /** As the last append does. */
  async function endAs(status: string, ...ids: (string | undefined)[]): Promise<void> {
    await engine.pool.query(
      'UPDATE executions SET status = $1, completed_at = now(), final_epoch = 1, final_seq = 1 WHERE id = ANY($2::uuid[])',
      [status, ids],
    );
    await engine.pool.query('DELETE FROM execution_state WHERE execution_id = ANY($1::uuid[])', [ids]);
  }

  const reusedA = {
    step_id: 'a',
    step_name: 'a',
    kind: 'set',
    attempt: 1,
    progress: 50,
    output: { id: 'a' },
    from_execution: 'exec_00000000-0000-7000-8000-000000000000',
  };

  it('writes reused outputs and edited inputs with a retry, and hands them to the claim', async () => {
    const of = randomUUID();
    const rootId = randomUUID();

    const id = await accepted({ retry: { of, rootId, inputs: { b: { x: 1 } }, reused: [reusedA] } });

    const events = await engine.events(id);
    expect(events.map((event) => [event.seq, event.type])).to.deep.equal([
      [1, 'queued'],
      [2, 'step_reused'],
    ]);
    expect(events[0]?.data).to.deep.include({ retry_of: `exec_${of}`, inputs: { b: { x: 1 } } });
    expect(events[1]?.data).to.deep.equal(reusedA);
    expect((await engine.head(id)).lastSeq).to.equal(2);
    const [claimed] = await claimExecutions(engine.pool, randomUUID(), [id]);
    expect(claimed).to.include({ lastSeq: 2, was: 'queued', retryOf: of, rootId });
  });

  it('marks what it repeats as retried, by whom, unless it ended well, lives or was dealt with', async () => {
    const other = await engine.createUser('oscar');
    const [failed, done, live, discarded] = await Promise.all([1, 2, 3, 4].map(() => accepted({})));
    await endAs('failed', failed, discarded);
    await endAs('completed', done);
    await discardExecutions(engine.pool, [discarded ?? ''], engine.owner.id);
    const repeat = (of = '') => ({ retry: { of, rootId: of, inputs: {}, reused: [] }, submittedBy: other });

    await engine.runtime.submitMany([failed, failed, done, live, discarded].map((of) => request(repeat(of))));

    const { rows } = await engine.pool.query<{ id: string; resolution: string | null; by: string | null }>(
      'SELECT id, resolution, resolved_by AS by FROM executions WHERE id = ANY($1::uuid[]) ORDER BY id',
      [[failed, done, live, discarded]],
    );
    expect(new Map(rows.map(({ id, resolution, by }) => [id, [resolution, by]]))).to.deep.equal(
      new Map([
        [failed, ['retried', other.id]],
        [done, [null, null]],
        [live, [null, null]],
        [discarded, ['discarded', engine.owner.id]],
      ]),
    );
  });

  it('marks nothing where the key of the repetition was taken', async () => {
    const failed = await accepted({});
    await endAs('failed', failed);
    const idempotency = { key: 'taken', bodyHash: Buffer.alloc(32) };
    await accepted({ idempotency });

    const outcome = await engine.runtime.submit(
      request({ idempotency, retry: { of: failed, rootId: failed, inputs: {}, reused: [] } }),
    );

    expect(outcome.kind).to.equal('repeated');
    const { rows } = await engine.pool.query('SELECT resolution FROM executions WHERE id = $1', [failed]);
    expect(rows).to.deep.equal([{ resolution: null }]);
  });

  it('reads the log of a retry that reuses nothing: its inputs are in event 1', async () => {
    const id = await accepted({
      retry: { of: randomUUID(), rootId: randomUUID(), inputs: { a: 1 }, reused: [] },
    });

    const answer = await engine.runtime.worker.claim(randomUUID(), id);

    if (answer.kind !== 'claimed') throw new Error(answer.kind);
    expect(answer.claim.logBytes).to.be.greaterThan(0);
  });

  it('keeps plain, keyed and linked submissions of one batch apart', async () => {
    const parent = await accepted({});
    const place = { executionId: parent, stepId: 's', iteration: '3.1', attempt: 1, slot: 0 };

    const outcomes = await engine.runtime.submitMany([
      request(),
      request({ idempotency: { key: 'linked-batch', bodyHash: Buffer.alloc(32, 1) } }),
      request({ retry: { of: parent, rootId: parent, inputs: {}, reused: [reusedA, reusedA] } }),
      request({ parent: { ...place, depth: 1, detached: false, shard: { from: 0, to: 10 } } }),
    ]);

    const ids = outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.executionId : ''));
    const { rows } = await engine.pool.query<Record<string, unknown>>(
      `SELECT last_seq, follow_up, root_id = id AS own_root, depth, parent_id, parent_step, parent_iteration, shard
       FROM executions JOIN execution_state ON execution_id = id WHERE id = ANY($1::uuid[]) ORDER BY id`,
      [ids],
    );
    const plain = {
      last_seq: 1,
      follow_up: false,
      own_root: true,
      depth: 0,
      parent_id: null,
      parent_step: null,
      parent_iteration: null,
      shard: null,
    };
    expect(rows).to.deep.equal([
      plain,
      plain,
      { ...plain, last_seq: 3, own_root: false },
      {
        ...plain,
        follow_up: true,
        depth: 1,
        parent_id: parent,
        parent_step: 's',
        parent_iteration: '3.1',
        shard: { from: 0, to: 10 },
      },
    ]);
  });

  it('starts one child for a place, however many ask at once', async () => {
    const parent = await accepted({});
    const place = { executionId: parent, stepId: 's', iteration: null, attempt: 1, slot: 0 };

    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        engine.runtime.submit(request({ parent: { ...place, depth: 1, detached: false } })),
      ),
    );

    const ids = outcomes.map((outcome) =>
      outcome.kind === 'idempotency_conflict' ? '' : outcome.executionId,
    );
    expect(new Set(ids).size).to.equal(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'accepted')).to.have.length(1);
    const { rows } = await engine.pool.query('SELECT 1 FROM executions WHERE parent_id = $1', [parent]);
    expect(rows).to.have.length(1);
  });
});
