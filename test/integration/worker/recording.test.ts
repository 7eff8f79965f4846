import type { WorkflowMessage } from '@millrace/messaging';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { createRedisScope } from '../../support/redis.js';
import { at, expectSound, told } from './support/events.js';
import { sendJson, startTarget, type Target } from './support/target.js';

describe('what is recorded', () => {
  let engine: Engine;
  let target: Target;
  beforeEach(async () => {
    target = await startTarget();
  });
  afterEach(async () => {
    await engine.stop();
    await target.stop();
  });

  function chain(length: number): Parameters<Engine['createWorkflow']>[0] {
    const nodes = Array.from({ length }, (_, n) => ({
      id: `s${String(n)}`,
      type: 'set' as const,
      data: { config: { values: { n } } },
    }));
    const edges = nodes.slice(1).map((node, n) => ({ source: nodes[n]?.id ?? '', target: node.id }));
    return { nodes, edges };
  }

  it('a log that grows too long ends with a clear error', async () => {
    engine = await startEngine({ settings: { maxEvents: 40 } });
    await engine.startWorker();

    const executionId = await engine.submit(await engine.createWorkflow(chain(100)));
    const events = await engine.finished(executionId);

    expectSound(events);
    expect(at(events.at(-1), 'error', 'code')).to.equal('log_too_large');
    expect(at(events.at(-1), 'error', 'message')).to.match(/40 events/);
    expect(events.length).to.be.within(40, 60);
  });

  it('so does one that grows too large, also when it was read back in between', async () => {
    engine = await startEngine({ settings: { maxLogBytes: 100_000 } });
    await engine.startWorker();
    await engine.startScheduler();
    const values = { text: '=parameters.text' };
    const workflowId = await engine.createWorkflow({
      nodes: [
        { id: 'a', type: 'set', data: { config: { values } } },
        { id: 'rest', type: 'delay', data: { config: { seconds: 0.5 } } },
        { id: 'b', type: 'set', data: { config: { values } } },
        { id: 'c', type: 'set', data: { config: { values: {} } } },
      ],
      edges: [
        { source: 'a', target: 'rest' },
        { source: 'rest', target: 'b' },
        { source: 'b', target: 'c' },
      ],
    });

    const events = await engine.finished(await engine.submit(workflowId, { text: 'x'.repeat(60_000) }));

    expect(at(events.at(-1), 'error', 'code')).to.equal('log_too_large');
    expect(told(events)).to.include('resumed').and.not.include('step_completed c');
  });

  it('log lines are stored and sent, beside the committed events in their order', async () => {
    const scope = await createRedisScope();
    engine = await startEngine({ redis: scope });
    const workflowId = await engine.createWorkflow({
      nodes: [{ id: 'call', type: 'http_request', data: { config: { url: `${target.url}/gone` } } }],
    });
    target.on('/gone', (_call, response) => {
      sendJson(response, 404, {});
    });
    const heard: WorkflowMessage[] = [];
    const unsubscribe = await engine.messaging.events.subscribeWorkflow(workflowId, (message) => {
      heard.push(message);
    });
    await engine.startWorker({ allow: [target.address] });

    const executionId = await engine.submit(workflowId);
    const events = await engine.finished(executionId);

    await eventually(async () => {
      const { rows } = await engine.pool.query(
        'SELECT step_id, attempt, line, level, message FROM step_logs',
      );
      expect(rows).to.deep.equal([
        {
          step_id: 'call',
          attempt: 1,
          line: 1,
          level: 'warn',
          message: `GET ${target.url}/gone answered 404`,
        },
      ]);
      const frames = heard.flatMap((message) => (message.kind === 'transient' ? [message.frame] : []));
      expect(frames.map((frame) => [frame.type, frame.data['step_id']])).to.deep.equal([['log', 'call']]);
      const seqs = heard.flatMap((message) =>
        message.kind === 'committed' ? (message.range.frames ?? []).map((frame) => frame.seq) : [],
      );
      expect(seqs).to.deep.equal(events.map((event) => event.seq));
    });
    await unsubscribe();
    await scope.cleanup();
  });

  it('a worker that drains gives back what waits, and leaves nothing behind', async () => {
    engine = await startEngine();
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => engine.submit(await engine.createWorkflow(slow()))),
    );
    const worker = await engine.startWorker({ allow: [target.address], drainMs: 300 });
    await eventually(() => {
      expect(target.calls).to.have.length(5);
    });

    await worker.stop();

    const { rows: workers } = await engine.pool.query('SELECT 1 FROM workers');
    expect(workers).to.have.length(0);
    const { rows } = await engine.pool.query<{ worker_id: string | null; crashes: number; due: boolean }>(
      'SELECT worker_id, crashes, redispatch_at IS NOT NULL AS due FROM execution_state',
    );
    expect(rows).to.deep.equal(ids.map(() => ({ worker_id: null, crashes: 0, due: true })));
    expect(target.calls.every((call) => call.isAborted)).to.equal(true);
    for (const id of ids) {
      expect(told(await engine.events(id))).to.deep.equal(['queued', 'started', 'step_started hold']);
    }
  });

  function slow(): Parameters<Engine['createWorkflow']>[0] {
    target.on('/hold', () => undefined);
    return {
      nodes: [{ id: 'hold', type: 'http_request', data: { config: { url: `${target.url}/hold` } } }],
    };
  }
});
