import { type DefinitionInput, type JsonObject, type JsonValue, jsonValue } from '@millrace/contracts';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import type { Answer } from '../../support/http.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { eventually } from '../../support/poll.js';
import { type LlmServer, startLlmServer } from '../../support/servers/llm.js';

type Nodes = DefinitionInput['nodes'];
type Graph = Partial<DefinitionInput> & { nodes: Nodes };
interface Told {
  [name: string]: unknown;
}

const node = (id: string, type: string, config: JsonObject): Nodes[number] => ({
  id,
  type,
  data: { config },
});
const set = (id: string, values: JsonObject): Nodes[number] => node(id, 'set', { values });
const broken = (id: string): Nodes[number] => set(id, { x: '=$error("no")' });
const approval = (id: string, more: JsonObject = {}): Nodes[number] =>
  node(id, 'approval', { message: 'May it?', ...more });
function withBody(
  type: 'map' | 'repeat',
  id: string,
  config: JsonObject,
  nodes: Nodes,
  edges: DefinitionInput['edges'] = [],
): Nodes[number] {
  return { id, type, data: { config: { ...config, body: jsonOf({ nodes, edges }) } } };
}
function jsonOf(value: object): JsonValue {
  return jsonValue.parse(JSON.parse(JSON.stringify(value)));
}

describe('summaries of steps', function () {
  this.timeout(60_000);
  let gateway: GatewayUnderTest;
  let engine: Engine;
  let llm: LlmServer;
  before(async () => {
    gateway = await startGateway();
    engine = await startEngine({ database: gateway.database });
    llm = await startLlmServer();
    await engine.startWorker({
      llm: {
        provider: 'openai-compatible',
        model: 'test-model',
        providers: { 'openai-compatible': { baseUrl: llm.baseUrl, apiKey: 'key-of-tests' } },
        prices: { 'test-model': { input: 1, output: 2 } },
      },
    });
    await engine.startScheduler();
  });
  after(async () => {
    await engine.stop();
    await llm.stop();
    await gateway.stop();
  });

  const call = (method: string, path: string, json?: object): Promise<Answer> =>
    gateway.request(method, path, { token: gateway.admin.token, ...(json && { json }) });
  const steps = (id: string, query = '') => call('GET', `/executions/${id}/steps${query}`);
  async function told(id: string, query = ''): Promise<Told[]> {
    const { status, text } = await steps(id, query);
    expect(status, text).to.equal(200);
    return JSON.parse(text) as Told[];
  }
  const statusOf = async (id: string) => (await call('GET', `/executions/${id}`)).body.text('status');

  async function start(definition: Graph, parameters: object = {}): Promise<string> {
    const workflow = await gateway.createWorkflow({ definition: { name: 'Test', ...definition } });
    return gateway.execute(workflow, parameters);
  }
  async function run(definition: Graph, parameters: object = {}): Promise<string> {
    const id = await start(definition, parameters);
    await becomes(id, 'completed', 'failed');
    return id;
  }
  const becomes = (id: string, ...statuses: string[]) =>
    eventually(async () => expect(await statusOf(id)).to.be.oneOf(statuses), { timeoutMs: 20_000 });

  describe('of a map', () => {
    const prices = withBody(
      'map',
      'prices',
      { items: '=parameters.orders', concurrency: 2 },
      [set('price', { total: '=item * 2' }), set('tax', { of: '=steps.price.output.total' })],
      [{ source: 'price', target: 'tax' }],
    );

    it('count its iterations, and leave the steps of its body to a closer look', async () => {
      const id = await run({ nodes: [prices] }, { orders: [1, 2, 3] });

      const [map, ...others] = await told(id);

      expect(others).to.be.empty;
      expect(map).to.deep.include({
        step_id: 'prices',
        status: 'completed',
        iterations: { total: 3, begun: 3, ended: 3, failed: 0 },
      });
      expect(map).not.to.have.property('children');
    });

    it('show the steps of one iteration with their own input', async () => {
      const id = await run({ nodes: [prices] }, { orders: [5, 7] });

      const [price, tax] = await told(id, '?within=prices&iteration=1');

      expect(price).to.deep.include({ step_id: 'price', iteration: '1', status: 'completed', attempts: 1 });
      expect(price).to.deep.include({ input: { orders: [5, 7], index: 1, item: 7 }, output: { total: 14 } });
      expect(tax).to.deep.include({ input: { orders: [5, 7], index: 1, item: 7, price: { total: 14 } } });
    });

    it('list its iterations page by page', async () => {
      const id = await run({ nodes: [prices] }, { orders: [1, 2, 3, 4, 5] });

      const first = await steps(id, '?within=prices&limit=2');
      const second = await call('GET', `/${linkOf(first)}`);
      const third = await call('GET', `/${linkOf(second)}`);

      const all = [first, second, third].flatMap(({ body }) => body.list());
      expect(all.map((each) => each.at('iteration'))).to.deep.equal(['0', '1', '2', '3', '4']);
      expect(third.headers.get('link')).to.equal(null);
      for (const each of all) {
        expect(each.value).to.include({ status: 'completed', error: null });
        expect(each.text('started_at') <= each.text('completed_at')).to.equal(true);
      }
    });

    it('tell which iterations failed, and which were given up for that', async () => {
      const nodes = [
        approval('ask'),
        set('never', {}),
        node('choose', 'condition', { expression: 'index == 1' }),
        broken('fail'),
      ];
      const edges = [
        { source: 'choose', target: 'fail', label: 'true' },
        { source: 'choose', target: 'ask', label: 'false' },
        { source: 'ask', target: 'never' },
      ];
      const map = withBody('map', 'm', { items: [1, 2, 3], concurrency: 3 }, nodes, edges);

      const id = await run({ nodes: [map] });

      expect((await told(id))[0]).to.deep.include({
        status: 'failed',
        iterations: { total: 3, begun: 3, ended: 3, failed: 1 },
      });
      const iterations = await told(id, '?within=m');
      expect(iterations.map(({ status }) => status)).to.deep.equal(['discarded', 'failed', 'discarded']);
      expect(iterations[1]).to.have.nested.property('error.code').that.is.a('string');
      expect((await told(id, '?within=m&iteration=1')).find((step) => step['step_id'] === 'fail')).to.include(
        {
          status: 'failed',
        },
      );
    });

    it('count errors that it collects', async () => {
      const nodes = [withBody('map', 'm', { items: [1, 2], on_item_error: 'collect' }, [broken('x')])];

      const id = await run({ nodes });

      expect((await told(id))[0]).to.deep.include({
        status: 'completed',
        iterations: { total: 2, begun: 2, ended: 2, failed: 2 },
      });
    });

    it('find the way in nested ones', async () => {
      const inner = withBody('map', 'inner', { items: '=[item, 10]' }, [set('pair', { n: '=item' })]);
      const id = await run({ nodes: [withBody('map', 'outer', { items: [1, 2] }, [inner])] });

      const [ofOuter] = await told(id, '?within=outer&iteration=1');
      const ofInner = await told(id, '?within=inner&iteration=1');
      const [pair] = await told(id, '?within=inner&iteration=1.0');

      expect(ofOuter).to.deep.include({
        step_id: 'inner',
        iteration: '1',
        iterations: { total: 2, begun: 2, ended: 2, failed: 0 },
      });
      expect(ofInner.map(({ iteration }) => iteration)).to.deep.equal(['1.0', '1.1']);
      expect(pair).to.deep.include({ step_id: 'pair', iteration: '1.0', output: { n: 2 } });
    });

    it('refuse what they cannot answer, and say why', async () => {
      const inner = withBody('map', 'inner', { items: [1] }, [set('leaf', {})]);
      const id = await run({ nodes: [withBody('map', 'outer', { items: [1] }, [inner]), set('plain', {})] });

      const refusals: [string, number, string][] = [
        ['?within=nobody', 404, 'nobody'],
        ['?within=plain', 422, 'no body'],
        ['?iteration=0', 422, 'within'],
        ['?within=inner', 422, '2 numbers'],
        ['?within=outer&iteration=0.0.0', 422, '1 numbers'],
        ['?within=outer&iteration=7', 404, 'Iteration 7'],
        ['?within=outer&iteration=99999999999999999999', 404, 'Iteration'],
        ['?within=outer&iteration=x', 422, ''],
        ['?within=outer&cursor=x', 422, ''],
        ['?within=outer&limit=0', 422, ''],
      ];
      for (const [query, status, word] of refusals) {
        const answer = await steps(id, query);
        expect([answer.status, query]).to.deep.equal([status, query]);
        expect(answer.text, query).to.include(word);
      }
      expect(await told(id, '?within=outer&cursor=900')).to.deep.equal([]);
    });
  });

  describe('of a map in parts', () => {
    it('count by parts, and lead to the child executions that tell the rest', async () => {
      const map = withBody('map', 'big', { range: { end: 300 }, concurrency: 50 }, [
        set('square', { n: '=item * item' }),
      ]);
      const id = await run({
        nodes: [set('before', { k: 1 }), map],
        edges: [{ source: 'before', target: 'big' }],
      });

      const [, big] = await told(id);
      const children = big?.['children'] as string[];

      expect(big).to.deep.include({
        status: 'completed',
        iterations: { total: 300, begun: 300, ended: 300, failed: 0 },
      });
      expect(children).to.have.length(2);
      expect((await steps(id, '?within=big')).text).to.include('runs in parts');
      const [part, ...none] = await told(children[1] ?? '');
      expect(none).to.be.empty;
      expect(part).to.deep.include({
        step_id: 'big',
        status: 'completed',
        iterations: { total: 44, begun: 44, ended: 44, failed: 0 },
      });
      expect((await told(children[1] ?? '', '?within=big&limit=1'))[0]).to.include({ iteration: '256' });
      const [square] = await told(children[1] ?? '', '?within=big&iteration=299');
      expect(square).to.deep.include({ output: { n: 89_401 }, iteration: '299' });
    });

    it('tell the place of parts in other iterations', async () => {
      const inner = withBody('map', 'inner', { range: { end: 257 }, concurrency: 100 }, [
        set('leaf', { n: '=item' }),
      ]);
      const id = await run({ nodes: [withBody('map', 'outer', { items: [1, 2] }, [inner])] });

      const [map] = await told(id, '?within=outer&iteration=1');
      const children = map?.['children'] as string[];

      expect(children).to.have.length(2);
      expect((await told(children[1] ?? ''))[0]).to.deep.include({ step_id: 'inner', iteration: '1' });
      expect((await told(children[1] ?? '', '?within=inner'))[0]).to.include({ iteration: '1.256' });
      const [leaf] = await told(children[1] ?? '', '?within=inner&iteration=1.256');
      expect(leaf).to.deep.include({ step_id: 'leaf', iteration: '1.256', output: { n: 256 } });
    });
  });

  it('of a repeat count its turns, whose input holds the one before', async () => {
    const nodes = [
      withBody('repeat', 'again', { until: 'output.n >= 3', max_iterations: 9 }, [
        set('count', { n: '=$exists(previous.n) ? previous.n + 1 : 1' }),
      ]),
    ];
    const id = await run({ nodes });

    const [repeat] = await told(id);
    const [second] = await told(id, '?within=again&iteration=1');

    expect(repeat).to.deep.include({ iterations: { total: null, begun: 3, ended: 3, failed: 0 } });
    expect(second).to.deep.include({ input: { index: 1, previous: { n: 1 } }, output: { n: 2 } });
    expect(await told(id, '?within=again')).to.have.length(3);
  });

  it('tell what a step waits for, since when, and in which iteration', async () => {
    const ask = approval('ask', { deadline_seconds: 3_600 });
    const id = await start({ nodes: [withBody('map', 'm', { items: [1, 2] }, [ask])] });
    await becomes(id, 'waiting');

    const [map] = await told(id);
    const [waiting] = await told(id, '?within=m&iteration=0');

    expect(map).to.deep.include({ status: 'running', wait: null, waiting_since: null });
    expect(map).to.deep.include({ iterations: { total: 2, begun: 2, ended: 0, failed: 0 } });
    expect(waiting).to.include({ status: 'waiting', retry_at: null });
    expect(waiting).to.have.nested.property('wait.type', 'approval');
    expect(waiting?.['waiting_since']).to.equal(waiting?.['started_at']);
    expect(Date.parse(String(waiting?.['due_at']))).to.be.greaterThan(Date.now());
    await call('POST', `/executions/${id}/cancel`);
  });

  it('lead from a sub-workflow to its execution', async () => {
    const child = await gateway.createWorkflow({ definition: { name: 'Child', nodes: [approval('ask')] } });
    const sub = node('call', 'sub_workflow', { workflow_id: child });
    const id = await start({ nodes: [sub] });
    await becomes(id, 'waiting');

    const [step] = await told(id);

    expect(step).to.have.nested.property('wait.type', 'child');
    const [started] = step?.['children'] as string[];
    expect((await told(started ?? ''))[0]).to.include({ step_id: 'ask' });
    await call('POST', `/executions/${id}/cancel`);
  });

  it('hold the steps of on_failure once it runs', async () => {
    const definition: Graph = {
      nodes: [broken('work')],
      on_failure: { nodes: [set('undo', { code: '=failure.code' })] },
    };
    const id = await run(definition);

    expect((await told(id)).map((step) => [step['step_id'], step['status']])).to.deep.equal([
      ['work', 'failed'],
      ['undo', 'completed'],
    ]);
  });

  it('of a retried execution show what was reused', async () => {
    const nodes = [set('first', { a: 1 }), broken('second')];
    const failed = await run({ nodes, edges: [{ source: 'first', target: 'second' }] });
    const again = await call('POST', `/executions/${failed}/retry`);
    const id = again.body.text('execution_id');
    await becomes(id, 'failed');

    const [first, second] = await told(id);

    expect(first).to.deep.include({ status: 'completed', attempts: 0, output: { a: 1 } });
    expect(second).to.deep.include({ status: 'failed', input: { first: { a: 1 } } });
  });

  it('have their log lines by iteration', async () => {
    const hello = node('hello', 'code', { source: 'console.log("item " + input.item);' });
    const id = await run({ nodes: [withBody('map', 'm', { items: ['a', 'b'] }, [hello])] });

    await eventually(async () => {
      const all = (await call('GET', `/executions/${id}/logs`)).body.list();
      expect(all.map((line) => [line.at('iteration'), line.at('message')])).to.deep.equal([
        ['0', 'item a'],
        ['1', 'item b'],
      ]);
    });
    const one = await call('GET', `/executions/${id}/logs?step_id=hello&iteration=1`);
    expect(one.body.list().map((line) => line.at('message'))).to.deep.equal(['item b']);
  });

  it('tell what model calls consumed, and so does the execution', async () => {
    const json = {
      objective: 'Fly',
      tasks: [],
      order: [],
      parallel_groups: [],
      total_estimate_days: 0,
      notes: [],
    };
    const tokens = { prompt_tokens: 1_000, completion_tokens: 10 };
    await llm.script({ json, usage: tokens }, { json, usage: tokens });
    const agent = (id: string): Nodes[number] => ({ id, type: 'agent', data: { agent_type: 'planning' } });
    const nodes = [agent('one'), agent('two'), set('plain', {})];
    const id = await run({ nodes, edges: [{ source: 'one', target: 'two' }] }, { objective: 'Fly' });

    const { body } = await call('GET', `/executions/${id}`);
    const steps = new Map((await told(id)).map((step) => [step['step_id'], step]));

    expect(body.at('usage')).to.deep.include({ input_tokens: 2_000, output_tokens: 20 });
    expect(body.at('usage', 'cost_usd')).to.be.closeTo(0.00204, 1e-9);
    for (const name of ['one', 'two']) {
      expect(steps.get(name)).to.deep.nested.include({ 'usage.input_tokens': 1_000 });
    }
    expect(steps.get('plain')).not.to.have.property('usage');
  });

  it('show the input that somebody edited', async () => {
    const nodes = [set('first', { a: 1 }), broken('second')];
    const failed = await run({ nodes, edges: [{ source: 'first', target: 'second' }] });
    const again = await call('POST', `/executions/${failed}/retry`, { inputs: { second: { edited: true } } });
    const id = again.body.text('execution_id');
    await becomes(id, 'failed');

    expect((await told(id))[1]).to.deep.include({ input: { edited: true } });
  });
});

function linkOf({ headers }: Answer): string {
  return /^<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '';
}
