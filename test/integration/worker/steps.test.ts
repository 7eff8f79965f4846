import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { at, expectSound, ofStep, only, outputOf, told } from './support/events.js';
import { hold, sendJson, startTarget, type Target } from './support/target.js';

type Nodes = Parameters<Engine['createWorkflow']>[0]['nodes'];

describe('steps', () => {
  let engine: Engine;
  let target: Target;
  before(async () => {
    engine = await startEngine();
    target = await startTarget();
    await engine.startWorker({ allow: [target.address], expressionTimeoutMs: 500 });
    await engine.startScheduler();
  });
  after(async () => {
    await engine.stop();
    await target.stop();
  });

  async function run(
    nodes: Nodes,
    edges: { source: string; target: string; label?: string }[] = [],
    parameters: Parameters<Engine['submit']>[1] = {},
    more: { timeout_seconds?: number } = {},
  ) {
    const workflowId = await engine.createWorkflow({ nodes, edges, ...more });
    const executionId = await engine.submit(workflowId, parameters);
    const events = await engine.finished(executionId);
    expectSound(events);
    return events;
  }

  const get = (path: string, extra: object = {}) => ({
    config: { url: `${target.url}${path}` },
    ...extra,
  });

  describe('http_request', () => {
    it('answers status, headers and body, and sends what the expressions made', async () => {
      target.on('/echo', (call, response) => {
        sendJson(response, 201, { got: JSON.parse(call.body) as unknown });
      });

      const events = await run(
        [
          {
            id: 'post',
            type: 'http_request',
            data: {
              config: { method: 'POST', url: '=parameters.base & "/echo"', body: { id: '=parameters.id' } },
            },
          },
        ],
        [],
        { base: target.url, id: 7 },
      );

      const output = only(events, 'step_completed');
      expect(at(output, 'output', 'status')).to.equal(201);
      expect(at(output, 'output', 'body')).to.deep.equal({ got: { id: 7 } });
    });

    it('is refused an address that nobody allowed', async () => {
      const other = await startTarget();

      const events = await run([
        { id: 'inside', type: 'http_request', data: { config: { url: other.url } } },
      ]);

      expect(at(only(events, 'step_failed'), 'error', 'code')).to.match(/^blocked_/);
      expect(other.calls).to.have.length(0);
      await other.stop();
    });

    it('fails by status: 4xx is the workflow’s fault, 503 is tried again', async () => {
      let tries = 0;
      target.on('/busy', (_call, response) => {
        tries += 1;
        sendJson(response, tries < 3 ? 503 : 200, {});
      });
      target.on('/missing', (_call, response) => {
        sendJson(response, 404, { detail: 'no such order' });
      });
      const retry = { max_attempts: 5, delay_seconds: 0.02, jitter: 0 };

      const busy = await run([{ id: 'a', type: 'http_request', data: get('/busy', { retry }) }]);
      const missing = await run([{ id: 'a', type: 'http_request', data: get('/missing', { retry }) }]);

      expect(told(busy).filter((line) => line.startsWith('step_'))).to.deep.equal([
        'step_started a',
        'step_retrying a',
        'step_started a',
        'step_retrying a',
        'step_started a',
        'step_completed a',
      ]);
      expect(at(only(missing, 'step_failed'), 'error', 'message')).to.equal(
        'The server answered 404: no such order',
      );
      expect(target.callsTo('/missing')).to.have.length(1);
      const keys = target.callsTo('/busy').map((call) => call.idempotencyKey);
      expect(new Set(keys).size, 'one key for all attempts').to.equal(1);
      expect(keys[0]).to.match(/^exec_.*\/a\/0$/);
    });

    it('starts only when everything before it, its own start included, is committed', async () => {
      const seen: string[][] = [];
      target.on('/look', async (call, response) => {
        const id = call.path.split('=')[1] ?? '';
        seen.push(told(await engine.events(id)));
        sendJson(response, 200, {});
      });

      await run(
        [
          { id: 'before', type: 'set', data: { config: { values: { n: 1 } } } },
          {
            id: 'call',
            type: 'http_request',
            data: { config: { url: `${target.url}/look?id={{ $substringAfter(execution.id, "exec_") }}` } },
          },
        ],
        [{ source: 'before', target: 'call' }],
      );

      expect(seen).to.deep.equal([
        ['queued', 'started', 'step_started before', 'step_completed before', 'step_started call'],
      ]);
    });

    it('is ended at the limit of its step', async () => {
      target.on('/slow', hold);

      const events = await run([
        { id: 'slow', type: 'http_request', data: get('/slow', { timeout_seconds: 0.1 }) },
      ]);

      expect(at(only(events, 'step_failed'), 'error', 'code')).to.equal('step_timeout');
      await engine.finished(events[0]?.executionId ?? '');
      expect(target.callsTo('/slow')[0]?.isAborted).to.equal(true);
    });
  });

  describe('expressions that may block', () => {
    it('are ended, and their neighbours do not notice', async () => {
      const text = `${'a'.repeat(34)}!`;
      const slow = run(
        [
          {
            id: 'slow',
            type: 'transform',
            data: { config: { expression: '$match(parameters.text, /^(a+)+$/)' } },
          },
        ],
        [],
        { text },
      );
      const neighbours = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          run([{ id: 'a', type: 'set', data: { config: { values: { n: '=parameters.n' } } } }], [], { n }),
        ),
      );

      expect(neighbours.map((events) => at(events.at(-1), 'output', 'n'))).to.deep.equal(
        Array.from({ length: 20 }, (_, n) => n),
      );
      expect(at(only(await slow, 'step_failed'), 'error', 'code')).to.equal('expression_limit');
    });

    it('give one `$now` and one `$random` for a whole step', async () => {
      const events = await run([
        {
          id: 'a',
          type: 'set',
          data: {
            config: {
              values: { first: '=$now()', second: '=$now()', one: '=$random()', other: '=$random()' },
            },
          },
        },
      ]);

      const output = only(events, 'step_completed');
      expect(at(output, 'output', 'first')).to.equal(at(output, 'output', 'second'));
      expect(at(output, 'output', 'one')).to.equal(at(output, 'output', 'other'));
      expect(at(output, 'output', 'one')).to.be.within(0, 1);
    });

    it('work where a delay needs one, beside steps that settle meanwhile', async () => {
      const events = await run(
        [
          { id: 'rest', type: 'delay', data: { config: { seconds: '=$max(parameters.xs)' } } },
          { id: 'quick', type: 'set', data: { config: { values: { ok: true } } } },
          { id: 'first', type: 'set', data: { join: 'any', config: { values: { done: true } } } },
        ],
        [
          { source: 'rest', target: 'first' },
          { source: 'quick', target: 'first' },
        ],
        { xs: [600, 700] },
      );

      expect(events.at(-1)?.type).to.equal('completed');
    });
  });

  describe('errors', () => {
    const bad = { id: 'bad', type: 'http_request' as const };

    it('go on with the error as output', async () => {
      const events = await run(
        [
          { ...bad, data: { config: { url: 'http://192.0.2.1/' }, on_error: 'continue' } },
          {
            id: 'after',
            type: 'set',
            data: { config: { values: { code: '=steps.bad.output.error.code' } } },
          },
        ],
        [{ source: 'bad', target: 'after' }],
      );

      expect(outputOf(events, 'after')).to.deep.equal({ code: 'blocked_address' });
      expect(events.at(-1)?.type).to.equal('completed');
    });

    it('follow the edge labelled error', async () => {
      const events = await run(
        [
          { ...bad, data: { config: { url: 'http://192.0.2.1/' } } },
          { id: 'fine', type: 'set', data: { config: { values: {} } } },
          { id: 'handle', type: 'set', data: { config: { values: { code: '=steps.bad.error.code' } } } },
        ],
        [
          { source: 'bad', target: 'fine' },
          { source: 'bad', target: 'handle', label: 'error' },
        ],
      );

      expect(outputOf(events, 'handle')).to.deep.equal({ code: 'blocked_address' });
      expect(told(events)).to.include('step_skipped fine');
    });

    it('of an output too deep or too large fail their own step only', async () => {
      const deep = '['.repeat(200) + '1' + ']'.repeat(200);
      target.on('/deep', (_call, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(deep);
      });
      target.on('/large', (_call, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(21_000_000));
      });

      const events = await run([
        { id: 'deep', type: 'http_request', data: get('/deep', { on_error: 'continue' }) },
        {
          id: 'large',
          type: 'http_request',
          data: { on_error: 'continue', config: { url: `${target.url}/large`, max_bytes: 50_000_000 } },
        },
        { id: 'neighbour', type: 'set', data: { config: { values: { ok: true } } } },
      ]);

      expect(at(only(events, 'step_failed', 'deep'), 'error', 'code')).to.equal('output_too_deep');
      expect(at(only(events, 'step_failed', 'large'), 'error', 'code')).to.equal('output_too_large');
      expect(outputOf(events, 'neighbour')).to.deep.equal({ ok: true });
      expect(events.at(-1)?.type).to.equal('completed');
    });
  });

  describe('large outputs', () => {
    const text = randomBytes(60_000).toString('base64');

    it('are stored by reference and used by later steps', async () => {
      const events = await run(
        [
          { id: 'big', type: 'set', data: { config: { values: { text: '=parameters.text' } } } },
          {
            id: 'size',
            type: 'transform',
            data: { config: { expression: '$length(steps.big.output.text)' } },
          },
          { id: 'copy', type: 'transform', data: { config: { expression: 'steps.big.output.text' } } },
        ],
        [
          { source: 'big', target: 'size' },
          { source: 'big', target: 'copy' },
        ],
        { text },
      );

      expect(at(only(events, 'step_completed', 'big'), 'output_ref', 'size_bytes')).to.equal(
        text.length + 11,
      );
      expect(outputOf(events, 'size')).to.equal(text.length);
      // Two leaves, one of them large: together they are no longer inline either.
      expect(at(events.at(-1), 'output')).to.equal(undefined);
      expect(at(events.at(-1), 'output_ref', 'size_bytes')).to.be.greaterThan(text.length);
    });

    it('are there again after a sleep', async () => {
      const events = await run(
        [
          { id: 'big', type: 'set', data: { config: { values: { text: '=parameters.text' } } } },
          { id: 'rest', type: 'delay', data: { config: { seconds: 0.6 } } },
          {
            id: 'size',
            type: 'transform',
            data: { config: { expression: '$length(steps.big.output.text)' } },
          },
        ],
        [
          { source: 'big', target: 'rest' },
          { source: 'rest', target: 'size' },
        ],
        { text },
      );

      expect(told(events)).to.include('resumed');
      expect(outputOf(events, 'size')).to.equal(text.length);
    });
  });

  describe('the graph', () => {
    it('fans out no wider than it may', async () => {
      let open = 0;
      let most = 0;
      target.on('/wide', async (_call, response) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise(setImmediate);
        await engine.pool.query('SELECT pg_sleep(0.02)');
        open -= 1;
        sendJson(response, 200, {});
      });
      const nodes = Array.from({ length: 80 }, (_, n) => ({
        id: `n${String(n)}`,
        type: 'http_request' as const,
        data: get('/wide'),
      }));

      const events = await run(nodes);

      expect(events.filter((event) => event.type === 'step_completed')).to.have.length(80);
      expect(most).to.be.within(2, 32);
    });

    it('aborts the losers of an `any` join, which hang up', async () => {
      target.on('/loser', hold);

      const events = await run(
        [
          { id: 'slow', type: 'http_request', data: get('/loser') },
          { id: 'fast', type: 'http_request', data: get('/winner') },
          { id: 'join', type: 'set', data: { join: 'any', config: { values: { ok: true } } } },
        ],
        [
          { source: 'slow', target: 'join' },
          { source: 'fast', target: 'join' },
        ],
      );

      expect(at(only(events, 'step_discarded', 'slow'), 'reason')).to.equal('join');
      expect(events.at(-1)?.type).to.equal('completed');
      const { eventually } = await import('../../support/poll.js');
      await eventually(() => {
        expect(target.callsTo('/loser').map((call) => call.isAborted)).to.satisfy(
          (aborted: boolean[]) => aborted.length === 0 || aborted[0] === true,
        );
      });
    });

    it('fails without being a dead letter where it is a test run', async () => {
      const failing = { config: { expression: '$error("no")' } };
      const workflow = await engine.createWorkflow({
        nodes: [{ id: 'a', type: 'transform', data: failing }],
      });
      const ids = [await engine.submit(workflow), await engine.submit(workflow, {}, { version: -1 })];
      for (const id of ids) await engine.finished(id);

      const { rows } = await engine.pool.query<{ status: string; is_marked: boolean }>(
        `SELECT status, error_fingerprint IS NOT NULL AS is_marked FROM executions
         WHERE id = ANY($1::uuid[]) ORDER BY workflow_version DESC`,
        [ids],
      );
      expect(rows).to.deep.equal([
        { status: 'failed', is_marked: true },
        { status: 'failed', is_marked: false },
      ]);
    });

    it('passes disabled steps, and takes pinned outputs in test runs only', async () => {
      target.on('/asked', (_call, response) => sendJson(response, 200, 7));
      const workflow = await engine.createWorkflow({
        nodes: [
          { id: 'pinned', type: 'http_request', data: { ...get('/asked'), pinned_output: { body: 5 } } },
          { id: 'off', type: 'http_request', data: { ...get('/never'), disabled: true } },
          { id: 'end', type: 'transform', data: { config: { expression: 'steps.pinned.output.body' } } },
        ],
        edges: [
          { source: 'pinned', target: 'off' },
          { source: 'off', target: 'end' },
        ],
      });

      const tested = await engine.finished(await engine.submit(workflow, {}, { version: -1 }));
      expect(told(tested)).to.not.include('step_started pinned');
      expect(outputOf(tested, 'end')).to.equal(5);
      expect(target.callsTo('/asked')).to.have.length(0);
      const published = await engine.finished(await engine.submit(workflow));
      expect(outputOf(published, 'end')).to.equal(7);
      expect(target.callsTo('/never')).to.have.length(0);
    });
  });

  describe('time', () => {
    it('short retries keep the slot, long ones give it back', async () => {
      let tries = 0;
      target.on('/flaky', (_call, response) => {
        tries += 1;
        sendJson(response, tries % 2 === 1 ? 503 : 200, {});
      });
      const retrying = (delay_seconds: number) => ({
        id: 'a',
        type: 'http_request' as const,
        data: get('/flaky', { retry: { max_attempts: 2, delay_seconds, jitter: 0 } }),
      });

      const short = await run([retrying(0.05)]);
      const long = await run([retrying(0.7)]);

      expect(told(short)).to.not.include('waiting');
      expect(told(long)).to.include('waiting').and.include('resumed');
      expect(at(ofStep(long, 'a').at(-1), 'attempt')).to.equal(2);
    });

    it('is up for an execution that runs, and its step hangs up', async () => {
      target.on('/endless', hold);

      const events = await run(
        [{ id: 'a', type: 'http_request', data: get('/endless') }],
        [],
        {},
        { timeout_seconds: 0.3 },
      );

      expect(told(events).slice(-2)).to.deep.equal(['step_discarded a', 'timed_out']);
      expect(at(events.at(-1), 'error', 'code')).to.equal('execution_timeout');
    });

    it('is up for an execution that waits', async () => {
      const events = await run(
        [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
        [],
        {},
        { timeout_seconds: 1 },
      );

      expect(told(events)).to.deep.equal([
        'queued',
        'started',
        'step_started rest',
        'waiting',
        'resumed',
        'step_discarded rest',
        'timed_out',
      ]);
    });
  });
});
