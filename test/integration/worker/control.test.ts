import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { at, expectSound, only, outputOf, told } from './support/events.js';

const set = (id: string, values: object) => ({ id, type: 'set' as const, data: { config: { values } } });

/** `a` is different in every run; `b` fails until the parameters say otherwise. */
const FAILS_AT_B = {
  nodes: [
    set('a', { id: '=execution.id' }),
    {
      id: 'b',
      type: 'transform' as const,
      data: { config: { expression: 'parameters.ok ? steps.a.output.id : $error("no")' } },
    },
  ],
  edges: [{ source: 'a', target: 'b' }],
};
const SLEEPS = {
  nodes: [
    { id: 'sleep', type: 'delay' as const, data: { config: { seconds: 3_600 } } },
    set('after', { got: '=steps.sleep.output' }),
  ],
  edges: [{ source: 'sleep', target: 'after' }],
};

describe('a worker', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await startEngine();
  });
  afterEach(() => engine.stop());

  const statusOf = async (id: string) => (await engine.head(id)).status;
  const reaches = (id: string, status: string) =>
    eventually(async () => {
      expect(await statusOf(id)).to.equal(status);
    });
  const steer = (id: string) => ({ executionId: id, by: engine.owner, waitMs: 5_000 });

  async function repeat(
    earlier: string,
    workflowId: string,
    mode: Parameters<typeof engine.runtime.repeats.prepare>[0]['mode'],
    changes: { before?: JsonObject; parameters?: JsonObject; inputs?: JsonObject } = {},
  ): Promise<string> {
    const { before = {}, parameters = before, inputs = {} } = changes;
    const retry = await engine.runtime.repeats.prepare({
      earlier: {
        ...{ executionId: earlier, rootId: earlier, workflowId, workflowVersion: 1 },
        ...{ untilStep: null, parameters: before },
      },
      untilStep: null,
      workflowVersion: 1,
      ...{ parameters, mode, inputs },
    });
    if (retry === undefined) throw new Error('there is nothing to repeat');
    const outcome = await engine.runtime.submit({
      ...{ workflowId, workflowVersion: 1, ownerId: engine.owner.id, submittedBy: engine.owner },
      ...{ parameters, retry, stepsTotal: 2, traceId: 'test' },
    });
    if (outcome.kind !== 'accepted') throw new Error(`submit answered ${outcome.kind}`);
    return outcome.executionId;
  }

  it('goes on where an execution failed, with what had finished', async () => {
    await engine.startWorker();
    const workflow = await engine.createWorkflow(FAILS_AT_B);
    const first = await engine.submit(workflow);
    const before = await engine.finished(first);

    const second = await repeat(first, workflow, { kind: 'retry' }, { parameters: { ok: true } });
    const events = await engine.finished(second);

    expect(await statusOf(second)).to.equal('completed');
    expectSound(events);
    expect(told(events)).to.deep.equal([
      ...['queued', 'step_reused a', 'started', 'step_started b', 'step_completed b', 'completed'],
    ]);
    expect(outputOf(events, 'b')).to.equal(at(only(before, 'step_completed', 'a'), 'output', 'id'));
  });

  it('runs a step with an edited input', async () => {
    await engine.startWorker();
    const workflow = await engine.createWorkflow({
      nodes: [{ id: 'echo', type: 'transform', data: { config: { expression: 'input' }, input: 1 } }],
    });
    const first = await engine.submit(workflow);
    await engine.finished(first);

    const second = await repeat(
      ...([first, workflow, { kind: 'rerun', fromStep: 'echo' }, { inputs: { echo: 'edited' } }] as const),
    );

    expect(outputOf(await engine.finished(second), 'echo')).to.equal('edited');
  });

  it('pauses what is queued, and goes on when it is told to', async () => {
    const workflow = await engine.createWorkflow({ nodes: [set('a', {})] });
    const id = await engine.submit(workflow);
    const asked = engine.runtime.steering.pause(steer(id));
    await eventually(async () => {
      const { rowCount } = await engine.pool.query('SELECT 1 FROM signals WHERE execution_id = $1', [id]);
      expect(rowCount).to.equal(1);
    });
    await engine.startWorker();

    expect(await asked).to.deep.equal({ kind: 'done', status: 'paused' });
    const resumed = await engine.runtime.steering.resume(steer(id));
    const events = await engine.finished(id);

    expect(resumed.kind).to.equal('done');
    expectSound(events);
    expect(only(events, 'paused').data).to.deep.equal({ by: engine.owner.username });
    expect(told(events).at(-1)).to.equal('completed');
  });

  it('pauses what waits, and cancels what is paused', async () => {
    await engine.startWorker();
    const id = await engine.submit(await engine.createWorkflow(SLEEPS));
    await reaches(id, 'waiting');

    const paused = await engine.runtime.steering.pause(steer(id));
    const cancelled = await engine.runtime.cancel({ ...steer(id), waitMs: 5_000 });

    expect(paused).to.deep.equal({ kind: 'done', status: 'paused' });
    expect(cancelled).to.deep.equal({ status: 'cancelled', terminal: true });
    expectSound(await engine.events(id));
  });

  it('skips a step by hand and goes on with what stands in for its output', async () => {
    await engine.startWorker();
    const id = await engine.submit(await engine.createWorkflow(SLEEPS));
    await reaches(id, 'waiting');

    await engine.runtime.steering.skip({
      ...{ executionId: id, by: engine.owner, step_id: 'sleep', output: { x: 1 } },
    });
    const events = await engine.finished(id);

    expect(only(events, 'step_skipped', 'sleep').data).to.deep.include({
      ...{ reason: 'manual', by: engine.owner.username, output: { x: 1 } },
    });
    expect(outputOf(events, 'after')).to.deep.equal({ got: { x: 1 } });
  });
});
