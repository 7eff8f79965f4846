import { expect } from 'chai';
import type { SubmitRequest } from '@millrace/runtime';
import { type Engine, startEngine } from '../../support/engine.js';

describe('submit', () => {
  let engine: Engine;
  let workflowId: string;
  before(async () => {
    engine = await startEngine();
    workflowId = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
  });
  after(() => engine.stop());

  function request(key?: string, body = 1): SubmitRequest {
    return {
      workflowId,
      workflowVersion: 1,
      ownerId: engine.owner.id,
      submittedBy: engine.owner,
      parameters: {},
      stepsTotal: 1,
      traceId: 't',
      ...(key !== undefined && { idempotency: { key, bodyHash: Buffer.alloc(32, body) } }),
    };
  }

  it('makes one execution of any number of parallel submissions with the same key', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => engine.runtime.submit(request('same'))),
    );

    const ids = new Set(
      outcomes.map((outcome) => (outcome.kind === 'idempotency_conflict' ? '' : outcome.executionId)),
    );
    expect(ids.size).to.equal(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'accepted')).to.have.length(1);
  });

  it('refuses the same key with another body', async () => {
    await engine.runtime.submit(request('taken', 1));

    const outcome = await engine.runtime.submit(request('taken', 2));

    expect(outcome.kind).to.equal('idempotency_conflict');
  });

  it('takes over a key whose time is over', async () => {
    const first = await engine.runtime.submit(request('old'));
    await engine.pool.query(
      "UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = 'old'",
    );

    const second = await engine.runtime.submit(request('old', 2));

    expect(second.kind).to.equal('accepted');
    expect(second).to.not.deep.equal(first);
  });

  it('gives an execution to whoever owns its workflow by then', async () => {
    const heir = await engine.createUser('heir');
    const given = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
    await engine.pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [given, heir.id]);

    const outcomes = await Promise.all([
      engine.runtime.submit({ ...request(), workflowId: given }),
      engine.runtime.submit({ ...request('given'), workflowId: given }),
    ]);

    const ids = outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.executionId : ''));
    const { rows } = await engine.pool.query(
      `SELECT DISTINCT e.owner_id AS stored, s.owner_id AS live FROM executions e
       JOIN execution_state s ON s.execution_id = e.id WHERE e.id = ANY($1::uuid[])`,
      [ids],
    );
    expect(rows).to.deep.equal([{ stored: heir.id, live: heir.id }]);
  });

  it('stores many in one transaction, in order of their ids', async () => {
    const outcomes = await engine.runtime.submitMany(Array.from({ length: 500 }, () => request()));

    const ids = outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.executionId : ''));
    expect(ids.toSorted()).to.deep.equal(ids);
    expect(new Set(ids).size).to.equal(500);
  });

  it('answers before any queue does: with the queue down the execution waits in Postgres', async () => {
    await engine.messaging.queue.close();

    const outcome = await engine.runtime.submit(request());

    expect(outcome.kind).to.equal('accepted');
    const id = outcome.kind === 'accepted' ? outcome.executionId : '';
    expect((await engine.head(id)).status).to.equal('queued');
  });
});
