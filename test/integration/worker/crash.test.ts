import { readLogs } from '@millrace/persistence';
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { at, expectSound, ofStep, only, outputOf, told } from './support/events.js';
import { hold, sendJson, startTarget, type Target } from './support/target.js';

/** A worker whose row says that its lease is over has died as far as all others can tell. */
describe('after a crash', () => {
  let engine: Engine;
  let target: Target;
  /** Answers requests to `/once` from here on; the first one is never answered. */
  let answered: number;

  beforeEach(async () => {
    engine = await startEngine({ settings: { leaseSeconds: 60, snapshotEvery: 5 } });
    target = await startTarget();
    answered = 0;
    target.on('/once', (call, response) => {
      answered += 1;
      if (answered === 1) return hold(call, response);
      sendJson(response, 200, { answered });
    });
  });
  afterEach(async () => {
    await engine.stop();
    await target.stop();
  });

  const call = (method: 'GET' | 'POST', config: object = {}) => ({
    id: 'call',
    type: 'http_request' as const,
    data: { config: { method, url: `${target.url}/once`, ...config } },
  });

  /** One worker gets as far as the call and dies; another one goes on. */
  async function runThroughCrash(
    graph: Parameters<Engine['createWorkflow']>[0],
    parameters: Parameters<Engine['submit']>[1] = {},
    options: Parameters<Engine['submit']>[2] = {},
  ) {
    const executionId = await engine.submit(await engine.createWorkflow(graph), parameters, options);
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    await eventually(() => {
      expect(target.callsTo('/once')).to.have.length(1);
    });
    await engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 s'");
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    expect(await engine.runtime.sweeps.releaseExpired()).to.equal(1);
    const events = await engine.finished(executionId);
    expectSound(events);
    return events;
  }

  it('a GET is repeated, under the same idempotency key', async () => {
    const events = await runThroughCrash({ nodes: [call('GET')], edges: [] });

    expect(told(events)).to.deep.equal([
      'queued',
      'started',
      'step_started call',
      'resumed',
      'step_started call',
      'step_completed call',
      'completed',
    ]);
    expect(ofStep(events, 'call').map((event) => at(event, 'attempt'))).to.deep.equal([1, 2, 2]);
    const keys = target.callsTo('/once').map((one) => one.idempotencyKey);
    expect(keys[0]).to.equal(keys[1]);
  });

  it('an execution that runs to a step still ends there', async () => {
    const set = (id: string) => ({ id, type: 'set' as const, data: { config: { values: { of: id } } } });
    const events = await runThroughCrash(
      {
        nodes: [set('left_out'), set('first'), call('GET'), set('target'), set('behind')],
        edges: [
          { source: 'first', target: 'call' },
          { source: 'call', target: 'target' },
          { source: 'target', target: 'behind' },
        ],
      },
      {},
      { untilStep: 'target' },
    );

    expect(told(events)).to.deep.equal([
      'queued',
      'started',
      'step_started first',
      'step_completed first',
      'step_started call',
      'resumed',
      'step_started call',
      'step_completed call',
      'step_started target',
      'step_completed target',
      'completed',
    ]);
    expect(at(only(events, 'queued'), 'until_step')).to.equal('target');
    expect(at(only(events, 'started'), 'steps_total')).to.equal(3);
    expect(at(only(events, 'completed'), 'output')).to.deep.equal({ of: 'target' });
  });

  it('a POST is of unknown outcome and not repeated, whatever its retry policy', async () => {
    const post = call('POST');
    const events = await runThroughCrash({
      nodes: [{ ...post, data: { ...post.data, retry: { max_attempts: 5 } } }],
      edges: [],
    });

    expect(at(only(events, 'step_failed'), 'error', 'code')).to.equal('outcome_unknown');
    expect(target.callsTo('/once')).to.have.length(1);
  });

  it('a POST whose target honours the key is repeated', async () => {
    const events = await runThroughCrash({ nodes: [call('POST', { idempotent: true })], edges: [] });

    expect(events.at(-1)?.type).to.equal('completed');
  });

  it('a large output is there again', async () => {
    const text = randomBytes(60_000).toString('base64');

    const events = await runThroughCrash(
      {
        nodes: [
          { id: 'big', type: 'set', data: { config: { values: { text: '=parameters.text' } } } },
          call('GET'),
          {
            id: 'size',
            type: 'transform',
            data: { config: { expression: '$length(steps.big.output.text)' } },
          },
        ],
        edges: [
          { source: 'big', target: 'call' },
          { source: 'call', target: 'size' },
        ],
      },
      { text },
    );

    expect(outputOf(events, 'size')).to.equal(text.length);
  });

  it('recovery from a snapshot equals recovery from the whole log', async () => {
    const sets = Array.from({ length: 12 }, (_, n) => ({
      id: `s${String(n)}`,
      type: 'set' as const,
      data: { config: { values: { n } } },
    }));
    const last = {
      id: 'sum',
      type: 'transform' as const,
      data: { config: { expression: 'steps.s11.output.n' } },
    };
    const chain = [...sets, call('GET'), last];
    const graph = {
      nodes: chain,
      edges: chain.slice(1).map((node, index) => ({ source: chain[index]?.id ?? '', target: node.id })),
    };
    const executionId = await engine.submit(await engine.createWorkflow(graph));
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    const snapshotSeq = await eventually(async () => {
      const seq = (await readLogs(engine.pool, [executionId])).get(executionId)?.snapshot?.seq;
      expect(seq).to.be.at.least(5);
      expect(target.callsTo('/once')).to.have.length(1);
      return seq;
    });

    await engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 s'");
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    await engine.runtime.sweeps.releaseExpired();
    const withSnapshot = await engine.finished(executionId);

    answered = 0;
    target.calls.length = 0;
    const plain = await startEngine({ settings: { leaseSeconds: 60 } });
    const engineWith = engine;
    engine = plain;
    const withoutSnapshot = await runThroughCrash(graph);
    await engineWith.stop();

    expect(snapshotSeq).to.be.lessThan(withSnapshot.length);
    expectSound(withSnapshot);
    expect(told(withSnapshot)).to.deep.equal(told(withoutSnapshot));
    const outputs = (events: typeof withSnapshot): unknown[] =>
      events
        .filter((event) => event.type === 'step_completed' && event.data['step_id'] !== 'call')
        .map((event) => event.data['output']);
    expect(outputs(withSnapshot)).to.deep.equal(outputs(withoutSnapshot));
    const { rows } = await engine.pool.query('SELECT 1 FROM execution_snapshots');
    expect(rows).to.have.length(0);
  });

  it('a snapshot that this build cannot read is passed over', async () => {
    const executionId = await engine.submit(await engine.createWorkflow({ nodes: [call('GET')], edges: [] }));
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    await eventually(() => {
      expect(target.callsTo('/once')).to.have.length(1);
    });
    await engine.pool.query(
      `INSERT INTO execution_snapshots (execution_id, seq, state) VALUES ($1, 2, '{"format": 0}')`,
      [executionId],
    );
    await engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 s'");
    await engine.startWorker({ concurrency: 1, allow: [target.address] });
    await engine.runtime.sweeps.releaseExpired();

    expect((await engine.finished(executionId)).at(-1)?.type).to.equal('completed');
  });

  it('a log that cannot be read ends its execution with the reason', async () => {
    const executionId = await engine.submit(await engine.createWorkflow({ nodes: [call('GET')], edges: [] }));
    await engine.pool.query(
      `WITH s AS (UPDATE execution_state SET last_seq = 2 RETURNING execution_id)
       INSERT INTO execution_events (execution_id, seq, type, data) SELECT execution_id, 2, 'completed', '{}' FROM s`,
    );

    await engine.startWorker({ allow: [target.address] });

    const events = await engine.finished(executionId);
    expect(at(events.at(-1), 'error', 'code')).to.equal('unusable');
    expect(at(events.at(-1), 'error', 'message')).to.match(/the log cannot be read/);
  });
});
