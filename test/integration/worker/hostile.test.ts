import type { DefinitionInput, StepKind, JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import type { ServerProcess } from '../../support/servers/process.js';
import { startHostileTarget } from '../../support/servers/hostile.js';
import { at, only, outputOf } from './support/events.js';

interface Node {
  readonly id: string;
  readonly type: StepKind;
  readonly data?: JsonObject & { readonly config: JsonObject };
}

const set = (id: string, values: JsonObject): Node => ({ id, type: 'set', data: { config: { values } } });
const transform = (expression: string): Node => ({
  id: 't',
  type: 'transform',
  data: { config: { expression } },
});
const condition = (expression: string): Node => ({
  id: 'c',
  type: 'condition',
  data: { config: { expression } },
});
const code = (source: string, limits: JsonObject = {}): Node => ({
  id: 'k',
  type: 'code',
  data: { config: { source, ...limits } },
});
/** A node as the JSON that a body is made of. */
function inBody({ id, type, data }: Node): JsonObject {
  return { id, type, data: { config: data?.config ?? {} } };
}

function map(id: string, nodes: Node[], config: JsonObject, edges: JsonObject[] = []): Node {
  return { id, type: 'map', data: { config: { ...config, body: { nodes: nodes.map(inBody), edges } } } };
}

/** Small ones that run beside every attack. */
const NEIGHBOURS = 5;

describe('hostile executions', function () {
  this.timeout(240_000);
  let engine: Engine;
  let target: ServerProcess;
  let neighbour: string;
  before(async () => {
    target = await startHostileTarget();
    engine = await startEngine();
    await engine.startWorker({
      concurrency: 64,
      allow: [new URL(target.origin).host],
      expressionTimeoutMs: 2_000,
    });
    await engine.startScheduler();
    neighbour = await engine.createWorkflow({ nodes: [set('s', { a: '=parameters.n' })], edges: [] });
  });
  after(async () => {
    await engine.stop();
    await target.stop();
  });

  const request = (path: string, config: JsonObject = {}): Node => ({
    id: 'r',
    type: 'http_request',
    data: { config: { url: `${target.origin}${path}`, ...config } },
  });

  async function start(nodes: Node[], parameters: JsonObject = {}, edges: DefinitionInput['edges'] = []) {
    return engine.submit(await engine.createWorkflow({ nodes, edges }), parameters);
  }

  /** Runs an attack; the neighbours that are submitted with it have to complete. */
  async function run(...given: Parameters<typeof start>) {
    const attack = await start(...given);
    const beside = await Promise.all(
      Array.from({ length: NEIGHBOURS }, (_, n) => engine.submit(neighbour, { n })),
    );
    for (const id of beside) expect((await engine.finished(id, 60_000)).at(-1)?.type).to.equal('completed');
    return engine.finished(attack, 200_000);
  }

  const failures: [name: string, code: string, message: RegExp, node: () => Node, parameters?: JsonObject][] =
    [
      [
        'an answer of too many values',
        'response_too_large',
        /ask for less|read it with/,
        () => request('/arrays'),
      ],
      ['an answer of 300,000 keys', 'response_too_large', /50,000 members/, () => request('/keys')],
      ['an answer that nests too deep', 'invalid_response', /deeper than 200 levels/, () => request('/deep')],
      ['a gzip bomb', 'response_too_large', /bytes/, () => request('/gzip-bomb')],
      ['an answer that never ends', 'timeout', /within/, () => request('/drip', { timeout_seconds: 1 })],
      [
        'a regular expression without end',
        'expression_limit',
        /longer than 2 seconds/,
        () => transform(`$match("${'a'.repeat(40)}!", /^(a+)+$/)`),
      ],
      [
        'recursion without end',
        'expression_limit',
        /limits/,
        () => transform('($f := function($n) { $f($n + 1) + 1 }; $f(0))'),
      ],
      ['a sequence of ten million', 'expression_limit', /limits/, () => transform('[1..10000000]')],
      [
        'CEL over lists of lists',
        'expression_limit',
        /use a transform step/,
        () => condition('parameters.l.all(a, parameters.l.all(b, a + b >= 0.0))'),
        { l: Array.from({ length: 3_000 }, (_, index) => index) },
      ],
      ['a loop without end', 'code_timeout', /second/, () => code('for (;;) {}', { timeout_seconds: 1 })],
      [
        'a memory bomb',
        'code_memory',
        /memory/,
        () => code('const a = []; for (;;) a.push(new Array(10000).fill(1));'),
      ],
      [
        'a map of 100,001 items',
        'map_too_large',
        /100,?000/,
        () => map('m', [set('i', {})], { range: { end: 100_001 } }),
      ],
    ];
  for (const [name, expected, message, node, parameters] of failures) {
    it(`ends ${name} with a clear error, and neighbours go on`, async () => {
      const events = await run([node()], parameters);

      expect(events.at(-1)?.type).to.equal('failed');
      expect(at(events.at(-1), 'error', 'code')).to.equal(expected);
      expect(at(events.at(-1), 'error', 'message')).to.match(message);
    });
  }

  it('refuses an output of more values than a worker holds', async () => {
    const source = 'return Array.from({ length: 1100000 }, () => []);';
    const events = await run([code(source, { memory_mb: 512, timeout_seconds: 60 })]);

    expect(at(events.at(-1), 'error', 'code')).to.equal('code_output_too_large');
    expect(at(events.at(-1), 'error', 'message')).to.match(/1,000,000 values/);
  });

  it('hands large outputs on', async () => {
    const count = set('s', { count: '=$count(steps.t.output)', first: '=steps.t.output[0].id' });
    const events = await run([request('/rows'), transform('steps.r.output.body'), count], {}, [
      { source: 'r', target: 't' },
      { source: 't', target: 's' },
    ]);

    expect(at(events.at(-1), 'error')).to.equal(undefined);
    expect(at(only(events, 'step_completed', 's'), 'output', 'count')).to.be.greaterThan(10_000);
    expect(at(only(events, 'step_completed', 's'), 'output', 'first')).to.equal(0);
  });

  describe('maps', () => {
    const lengthOf = (id: string): Node => set('n', { count: `=$count(steps.${id}.output)` });

    it('take a list of 10,000 through three steps', async () => {
      const chain = ['a', 'b', 'c'].map((id) => set(id, { v: '=item' }));
      const inner = [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
      ];
      const list = Array.from({ length: 10_000 }, (_, index) => index);
      const big = map('m', chain, { items: '=parameters.list', concurrency: 200 }, inner);
      const events = await run([big, lengthOf('m')], { list }, [{ source: 'm', target: 'n' }]);

      expect(outputOf(events, 'n')).to.deep.equal({ count: 10_000 });
    });

    it('keep the errors of items that fail', async () => {
      const failing = transform('index % 2 = 0 ? $error("no") : index');
      const config = { range: { end: 2_000 }, concurrency: 200, on_item_error: 'collect' };
      const failed = set('n', { failed: '=$count(steps.m.output[error])' });
      const events = await run([map('m', [failing], config), failed], {}, [{ source: 'm', target: 'n' }]);

      expect(outputOf(events, 'n')).to.deep.equal({ failed: 1_000 });
    });

    it('nest 200 by 200', async () => {
      const inner = map('inner', [set('i', { i: '=index' })], { range: { end: 200 }, concurrency: 100 });
      const outer = map('outer', [inner], { range: { end: 200 }, concurrency: 100 });
      const count = set('n', { count: '=$sum($map(steps.outer.output, function($l) { $count($l) }))' });
      const events = await run([outer, count], {}, [{ source: 'outer', target: 'n' }]);

      expect(outputOf(events, 'n')).to.deep.equal({ count: 40_000 });
    });

    it('take a range of 100,000', async () => {
      const big = map('m', [set('i', { i: '=index' })], { range: { end: 100_000 }, concurrency: 1_000 });
      const events = await run([big, lengthOf('m')], {}, [{ source: 'm', target: 'n' }]);

      expect(outputOf(events, 'n')).to.deep.equal({ count: 100_000 });
    });

    it('of 100,000 end with all their children when they are cancelled', async () => {
      const executionId = await start([
        map('m', [set('i', { i: '=index' })], { range: { end: 100_000 }, concurrency: 1_000 }),
      ]);
      await eventually(
        async () => {
          const { rows } = await engine.pool.query('SELECT 1 FROM children WHERE parent_id = $1', [
            executionId,
          ]);
          expect(rows.length).to.be.greaterThan(20);
        },
        { timeoutMs: 60_000 },
      );
      await engine.runtime.cancel({ executionId, by: engine.owner, reason: 'enough', waitMs: 0 });

      expect((await engine.finished(executionId, 60_000)).at(-1)?.type).to.equal('cancelled');
      await eventually(
        async () => {
          const { rows } = await engine.pool.query('SELECT execution_id FROM execution_state');
          expect(rows).to.deep.equal([]);
        },
        { timeoutMs: 60_000 },
      );
    });
  });
});
