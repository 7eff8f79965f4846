import {
  type Append,
  appendEvents,
  type AppendOutcome,
  claimExecutions,
  readExecution,
} from '@millrace/persistence';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type Engine, startEngine } from '../../support/engine.js';

const RUNNING: AppendOutcome = { status: 'running' };

describe('append', () => {
  let engine: Engine;
  let workflowId: string;
  before(async () => {
    engine = await startEngine();
    workflowId = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
  });
  after(() => engine.stop());

  async function claimed(count: number): Promise<string[]> {
    const ids = await Promise.all(Array.from({ length: count }, () => engine.submit(workflowId)));
    await claimExecutions(engine.pool, randomUUID(), ids);
    return ids;
  }

  function append(executionId: string, changes: Partial<Append> = {}): Append {
    return {
      executionId,
      epoch: 1,
      seq: 1,
      events: [{ type: 'started', data: '{"worker_id":"w","steps_total":1}' }],
      outcome: RUNNING,
      inboxSeen: 0,
      stepsCompleted: 0,
      currentStep: null,
      ...changes,
    };
  }

  function toRequest(executionId: string, output: string) {
    return {
      executionId,
      workflowId,
      epoch: 1,
      seq: 1,
      events: [{ type: 'completed' as const, data: { output, steps_completed: 0 } }],
      outcome: { status: 'completed' as const, result: output, error: null },
      inboxSeen: 0,
      stepsCompleted: 0,
      currentStep: null,
    };
  }

  it('writes the events of those whose epoch and position hold, and fences the rest', async () => {
    const [good, stale, ahead] = await claimed(3);
    if (good === undefined || stale === undefined || ahead === undefined) throw new Error('claimed too few');

    const { committed } = await appendEvents(engine.pool, [
      append(good),
      append(stale, { epoch: 0 }),
      append(ahead, { seq: 2 }),
    ]);

    expect([...committed]).to.deep.equal([good]);
    expect((await engine.events(good)).map((event) => event.type)).to.deep.equal(['queued', 'started']);
    expect(await engine.events(stale)).to.have.length(1);
    expect(await engine.events(ahead)).to.have.length(1);
  });

  it('keeps what model calls consumed, live and after the end, however it ends', async () => {
    const [completed, cancelled] = await claimed(2);
    if (completed === undefined || cancelled === undefined) throw new Error('claimed too few');
    const usage = { input_tokens: 12, output_tokens: 3, cost_usd: 0.5 };
    const told = async (id: string) => (await readExecution(engine.pool, id))?.usage;
    const nothing = await told(completed);

    await appendEvents(
      engine.pool,
      [completed, cancelled].map((id) => append(id, { usage: JSON.stringify(usage) })),
    );
    const live = await told(completed);
    const end = { events: [{ type: 'completed' as const, data: '{"steps_completed":0}' }], seq: 2 };
    await appendEvents(engine.pool, [
      append(completed, { ...end, outcome: { status: 'completed', result: null, error: null } }),
    ]);
    await engine.runtime.cancel({ executionId: cancelled, by: { id: null, username: 'u' }, waitMs: 0 });

    expect([nothing, live]).to.deep.equal([null, usage]);
    expect([await told(completed), await told(cancelled)]).to.deep.equal([usage, usage]);
  });

  it('never deadlocks when overlapping batches name the same executions in opposite order', async () => {
    const ids = await claimed(100);
    const forwards = ids.map((id) => append(id));
    const backwards = forwards.toReversed();

    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        appendEvents(engine.pool, index % 2 === 0 ? forwards : backwards),
      ),
    );

    const commits = results.reduce((sum, { committed }) => sum + committed.size, 0);
    expect(commits).to.equal(ids.length);
    for (const id of ids) expect(await engine.events(id)).to.have.length(2);
  });

  it('fails only the execution whose value the database refuses', async () => {
    const ids = await claimed(7);
    const tooDeep = '['.repeat(200_000) + ']'.repeat(200_000);
    const culprit = ids[3];

    const answers = await Promise.all(
      ids.map((id) =>
        engine.runtime.worker.append(
          toRequest(id, id === culprit ? tooDeep : '"fine"'),
          new AbortController().signal,
        ),
      ),
    );

    expect(answers.map((answer) => answer.kind)).to.deep.equal(
      ids.map((id) => (id === culprit ? 'refused' : 'committed')),
    );
    expect(await engine.events(culprit ?? '')).to.have.length(1);
  });

  it('keeps text that jsonb would refuse', async () => {
    const [id] = await claimed(1);
    if (id === undefined) throw new Error('claimed none');
    const output = JSON.stringify('nul \u0000 and a lone surrogate \ud800');

    await engine.runtime.worker.append(toRequest(id, output), new AbortController().signal);

    const { rows } = await engine.pool.query<{ result: string }>(
      'SELECT result FROM executions WHERE id = $1',
      [id],
    );
    expect(rows[0]?.result).to.equal('nul \u0000 and a lone surrogate \ud800');
  });

  it('answers fenced, and writes nothing, once the fence is up', async () => {
    const [id] = await claimed(1);
    if (id === undefined) throw new Error('claimed none');
    const fence = new AbortController();
    fence.abort();

    const answer = await engine.runtime.worker.append(toRequest(id, '1'), fence.signal);

    expect(answer.kind).to.equal('fenced');
    expect(await engine.events(id)).to.have.length(1);
  });
});
