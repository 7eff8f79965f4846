import type { Logger } from '@millrace/service-kit';
import { expect } from 'chai';
import { pino } from 'pino';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { at, expectSound, only, told } from './support/events.js';
import { hold, sendJson, startTarget, type Target } from './support/target.js';

/** Fails the next calls of a kind as pg does when the connection is gone: without any code. */
function failing<Args extends unknown[], R>(
  times: number,
  work: (...args: Args) => Promise<R>,
  options: { afterwards?: boolean } = {},
): (...args: Args) => Promise<R> {
  let left = times;
  return async (...args) => {
    if (left <= 0) return work(...args);
    left -= 1;
    if (options.afterwards) await work(...args);
    throw new Error('Connection terminated unexpectedly');
  };
}

describe('a database that goes away for a moment', () => {
  let engine: Engine;
  let target: Target;
  let lines: string[];
  let log: Logger;

  beforeEach(async () => {
    engine = await startEngine({ settings: { leaseSeconds: 1 } });
    target = await startTarget();
    lines = [];
    log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  });
  afterEach(async () => {
    await engine.stop();
    await target.stop();
  });

  async function submit(count = 1): Promise<string[]> {
    const workflowId = await engine.createWorkflow({
      nodes: [
        { id: 'a', type: 'set', data: { config: { values: { text: '=parameters.text' } } } },
        { id: 'b', type: 'set', data: { config: { values: {} } } },
      ],
      edges: [{ source: 'a', target: 'b' }],
    });
    const text = 'x'.repeat(70_000);
    return Promise.all(Array.from({ length: count }, () => engine.submit(workflowId, { text })));
  }

  async function expectCompleted(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const events = await engine.finished(id);
      expectSound(events);
      expect(events.at(-1)?.type).to.equal('completed');
    }
  }

  it('loses no hint at a claim, and says so once', async () => {
    const claim = failing(30, engine.runtime.worker.claim);
    await engine.startWorker({
      log,
      runtime: { ...engine.runtime, worker: { ...engine.runtime.worker, claim } },
    });

    await expectCompleted(await submit(10));

    expect(lines.filter((line) => line.includes('could not claim'))).to.have.length.within(1, 3);
  });

  it('gives back what was claimed although the answer was lost', async () => {
    const claim = failing(3, engine.runtime.worker.claim, { afterwards: true });
    await engine.startWorker({
      log,
      runtime: { ...engine.runtime, worker: { ...engine.runtime.worker, claim } },
    });

    const ids = await submit(3);
    await expectCompleted(ids);

    expect(lines.some((line) => line.includes('gives back what it has and does not run'))).to.equal(true);
    const { rows } = await engine.pool.query('SELECT 1 FROM execution_state');
    expect(rows).to.have.length(0);
  });

  it('fails no execution while it is recovered', async () => {
    const [executionId = ''] = await submit();
    const query = engine.pool.query.bind(engine.pool);
    let failures = 2;
    Reflect.set(engine.pool, 'query', (config: unknown, ...rest: unknown[]): unknown => {
      const name = typeof config === 'object' && config !== null && 'name' in config ? config.name : '';
      if (name !== 'read_version' || failures === 0) {
        const answer: unknown = Reflect.apply(query, engine.pool, [config, ...rest]);
        return answer;
      }
      failures -= 1;
      return Promise.reject(new Error('Connection terminated unexpectedly'));
    });

    await engine.startWorker({ log });

    await expectCompleted([executionId]);
    expect(failures).to.equal(0);
  });

  it('is waited for by outputs, messages and appends', async () => {
    const query = engine.pool.query.bind(engine.pool);
    const failures = new Map([
      ['write_blob', 3],
      ['read_signals', 3],
      ['append', 3],
    ]);
    Reflect.set(engine.pool, 'query', (config: unknown, ...rest: unknown[]): unknown => {
      const name =
        typeof config === 'object' && config !== null && 'name' in config ? String(config.name) : '';
      const left = failures.get(name) ?? 0;
      if (left === 0) {
        const answer: unknown = Reflect.apply(query, engine.pool, [config, ...rest]);
        return answer;
      }
      failures.set(name, left - 1);
      return Promise.reject(new Error('Connection terminated unexpectedly'));
    });
    const [executionId = ''] = await submit();
    await engine.runtime.signal(executionId, { kind: 'event', payload: {}, sentBy: null });

    await engine.startWorker({ log });

    await expectCompleted([executionId]);
    expect([...failures.values()]).to.deep.equal([0, 0, 0]);
  });

  it('a worker that cannot renew stops its steps, and joins again under another id', async () => {
    target.on('/first', (call, response) =>
      target.callsTo('/first').length === 1 ? hold(call, response) : sendJson(response, 200, {}),
    );
    const workflowId = await engine.createWorkflow({
      nodes: [{ id: 'call', type: 'http_request', data: { config: { url: `${target.url}/first` } } }],
    });
    const worker = await engine.startWorker({ log, allow: [target.address] });
    const executionId = await engine.submit(workflowId);
    await eventually(() => {
      expect(target.calls).to.have.length(1);
    });

    await engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 s'");
    await eventually(() => {
      expect(target.calls[0]?.isAborted).to.equal(true);
      expect(worker.isLive()).to.equal(true);
    });
    await engine.runtime.sweeps.releaseExpired();
    const events = await engine.finished(executionId);

    expect(told(events)).to.deep.equal([
      'queued',
      'started',
      'step_started call',
      'resumed',
      'step_started call',
      'step_completed call',
      'completed',
    ]);
    const ids = [only(events, 'started'), only(events, 'resumed')].map((event) => at(event, 'worker_id'));
    expect(ids[0]).to.not.equal(ids[1]);
  });
});
