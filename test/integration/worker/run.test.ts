import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';

describe('a worker runs an execution', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
  });
  afterEach(() => engine.stop());

  it('runs pure steps in order and records the result', async () => {
    const workflowId = await engine.createWorkflow({
      nodes: [
        { id: 'a', type: 'set', data: { config: { values: { n: '=parameters.n' } } } },
        { id: 'b', type: 'transform', data: { config: { expression: 'steps.a.output.n' } } },
        { id: 'c', type: 'condition', data: { config: { expression: 'steps.b.output > 1.0' } } },
        { id: 'yes', type: 'set', data: { config: { values: { said: 'yes {{ steps.b.output }}' } } } },
        { id: 'no', type: 'set', data: { config: { values: { said: 'no' } } } },
      ],
      edges: [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
        { source: 'c', target: 'yes', label: 'true' },
        { source: 'c', target: 'no', label: 'false' },
      ],
    });
    await engine.startWorker();

    const executionId = await engine.submit(workflowId, { n: 2 });
    const events = await engine.finished(executionId);

    expect(events.map((event) => event.seq)).to.deep.equal(events.map((_, index) => index + 1));
    expect(
      events.map((event) => `${event.type} ${String(event.data['step_id'] ?? '')}`.trim()),
    ).to.deep.equal([
      'queued',
      'started',
      'step_started a',
      'step_completed a',
      'step_started b',
      'step_completed b',
      'step_started c',
      'step_completed c',
      'step_skipped no',
      'step_started yes',
      'step_completed yes',
      'completed',
    ]);
    expect(events.at(-1)?.data['output']).to.deep.equal({ yes: { said: 'yes 2' } });
  });

  it('sleeps without a worker and goes on when the timer is due', async () => {
    const workflowId = await engine.createWorkflow({
      nodes: [
        { id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } },
        { id: 'after', type: 'set', data: { config: { values: { ok: true } } } },
      ],
      edges: [{ source: 'rest', target: 'after' }],
    });
    const worker = await engine.startWorker();
    const executionId = await engine.submit(workflowId);
    const { eventually } = await import('../../support/poll.js');
    await eventually(async () => {
      expect((await engine.head(executionId)).status).to.equal('waiting');
    });
    expect(worker.running()).to.equal(0);

    await engine.pool.query('UPDATE execution_state SET wake_at = now() WHERE execution_id = $1', [
      executionId,
    ]);
    await engine.pool.query(
      `UPDATE execution_events SET data = jsonb_set(data::jsonb, '{due_at}', to_jsonb(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::json
       WHERE execution_id = $1 AND type = 'step_started'`,
      [executionId],
    );
    await engine.runtime.sweeps.wakeDue();
    const events = await engine.finished(executionId);

    expect(events.map((event) => event.type)).to.deep.equal([
      'queued',
      'started',
      'step_started',
      'waiting',
      'resumed',
      'step_completed',
      'step_started',
      'step_completed',
      'completed',
    ]);
  });
});
