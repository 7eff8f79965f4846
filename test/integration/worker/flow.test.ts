import { jsonObject, type JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { at, ofStep, only, outputOf, told } from './support/events.js';

type Nodes = Parameters<Engine['createWorkflow']>[0]['nodes'];
type More = Omit<Parameters<Engine['createWorkflow']>[0], 'nodes' | 'edges'>;

const set = (id: string, values: JsonObject): Nodes[number] => ({
  id,
  type: 'set',
  data: { config: { values } },
});

/** As it is in a configuration: plain JSON. */
function bodyOf(nodes: Nodes): JsonObject {
  return jsonObject.parse({ nodes });
}

function map(id: string, body: Nodes, config: JsonObject, data = {}): Nodes[number] {
  return { id, type: 'map', data: { config: { ...config, body: bodyOf(body) }, ...data } };
}

describe('bodies, waits and children', function () {
  this.timeout(120_000);
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    await engine.startWorker();
    await engine.startWorker();
    await engine.startScheduler();
  });
  after(async () => {
    await engine.stop();
  });

  async function start(
    nodes: Nodes,
    edges: { source: string; target: string; label?: string }[] = [],
    parameters: Parameters<Engine['submit']>[1] = {},
    more: More = {},
  ): Promise<string> {
    return engine.submit(await engine.createWorkflow({ nodes, edges, ...more }), parameters);
  }

  async function run(...args: Parameters<typeof start>) {
    return engine.finished(await start(...args));
  }

  const double = (): Nodes => [set('double', { twice: '=item * 2', index: '=index' })];

  describe('map', () => {
    it('runs its body for each item and keeps their order', async () => {
      const events = await run([map('m', double(), { items: '=parameters.list' })], [], { list: [3, 1, 2] });

      expect(events.at(-1)?.type).to.equal('completed');
      expect(outputOf(events, 'm')).to.deep.equal([
        { twice: 6, index: 0 },
        { twice: 2, index: 1 },
        { twice: 4, index: 2 },
      ]);
    });

    it('runs nested maps, whose inner steps see both items', async () => {
      const inner = [set('pair', { pair: '=[parent.item, item]' })];
      const events = await run([
        map('outer', [map('inner', inner, { items: [1, 2] })], { items: ['a', 'b'] }),
      ]);

      expect(
        outputOf(
          events.filter(({ data }) => data['iteration'] === undefined),
          'outer',
        ),
      ).to.deep.equal([
        [{ pair: ['a', 1] }, { pair: ['a', 2] }],
        [{ pair: ['b', 1] }, { pair: ['b', 2] }],
      ]);
    });

    it('hands over more items than one log takes to child executions', async () => {
      const executionId = await start(
        [map('m', double(), { range: { end: 1_000 } }), set('z', { n: '=$count(steps.m.output)' })],
        [{ source: 'm', target: 'z' }],
      );
      const events = await engine.finished(executionId, 60_000);

      expect(told(events).filter((line) => line === 'step_part_ended m')).to.have.length(4);
      expect(outputOf(events, 'z')).to.deep.equal({ n: 1_000 });
      const children = await engine.pool.query<{ status: string }>(
        'SELECT e.status FROM children c JOIN executions e ON e.id = c.child_id WHERE c.parent_id = $1',
        [executionId],
      );
      expect(children.rows.map(({ status }) => status)).to.deep.equal(Array(4).fill('completed'));
    });

    it('fails with the error of an item in a child execution, and cancels the other parts', async () => {
      const body: Nodes = [
        set('guard', { ok: true }),
        { id: 'bad', type: 'transform', data: { config: { expression: 'index = 700 ? $error("no") : 1' } } },
      ];
      const events = await run([map('m', body, { range: { end: 2_000 }, concurrency: 4 })]);

      expect(events.at(-1)?.type).to.equal('failed');
      expect(at(events.at(-1), 'error', 'step_id')).to.equal('bad');
    });

    it('refuses what is no list, and too many items', async () => {
      const events = await run(
        [map('m', double(), { items: '=parameters.x' }, { on_error: 'continue' })],
        [],
        {
          x: { not: 'a list' },
        },
      );
      expect(at(only(events, 'step_failed', 'm'), 'error', 'code')).to.equal('map_invalid');
      const many = await run([map('m', double(), { range: { end: 100_001 } })]);
      expect(at(only(many, 'step_failed', 'm'), 'error', 'code')).to.equal('map_too_large');
    });
  });

  describe('repeat', () => {
    it('goes on until its condition holds', async () => {
      const body = [set('count', { n: '=previous ? previous.n + 1 : 1' })];
      const repeat: Nodes[number] = {
        id: 'r',
        type: 'repeat',
        data: { config: { until: 'output.n >= 5', body: bodyOf(body) } },
      };
      const events = await run([repeat]);

      expect(outputOf(events, 'r')).to.deep.equal({ iterations: 5, output: { n: 5 } });
    });
  });

  describe('switch', () => {
    it('follows the case that fits', async () => {
      const choice: Nodes[number] = {
        id: 'c',
        type: 'switch',
        data: { config: { expression: 'parameters.kind', cases: [{ label: 'a' }, { label: 'b' }] } },
      };
      const edges = ['a', 'b', 'default'].map((label) => ({ source: 'c', target: `on_${label}`, label }));
      const targets = ['a', 'b', 'default'].map((label) => set(`on_${label}`, {}));
      const chosen = await run([choice, ...targets], edges, { kind: 'b' });
      const other = await run([choice, ...targets], edges, { kind: 'x' });

      expect(told(chosen)).to.include('step_completed on_b').and.not.include('step_completed on_a');
      expect(told(other)).to.include('step_completed on_default');
    });
  });

  describe('sub_workflow', () => {
    const sub = (workflow_id: string, config = {}, data = {}): Nodes[number] => ({
      id: 'sub',
      type: 'sub_workflow',
      data: { config: { workflow_id, parameters: { n: '=parameters.n' }, ...config }, ...data },
    });

    it('waits for the child, whose output is its own', async () => {
      const child = await engine.createWorkflow({ nodes: [set('c', { twice: '=parameters.n * 2' })] });
      const events = await run([sub(child)], [], { n: 21 });

      expect(outputOf(events, 'sub')).to.deep.equal({ twice: 42 });
      expect(told(events)).to.include('waiting');
    });

    it('fails with the child, and says which', async () => {
      const child = await engine.createWorkflow({
        nodes: [{ id: 'bad', type: 'transform', data: { config: { expression: '$error("broken")' } } }],
      });
      const events = await run([sub(child)], [], { n: 1 });

      expect(events.at(-1)?.type).to.equal('failed');
      expect(at(only(events, 'step_failed', 'sub'), 'error', 'code')).to.equal('child_failed');
      expect(String(at(only(events, 'step_failed', 'sub'), 'error', 'message'))).to.include('broken');
    });

    it('does not wait for a detached one', async () => {
      const child = await engine.createWorkflow({
        nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
      });
      const events = await run([sub(child, { mode: 'detached' })], [], { n: 1 });

      expect(outputOf(events, 'sub')).to.have.property('execution_id');
      expect(events.at(-1)?.type).to.equal('completed');
    });

    it('refuses a workflow that is not there', async () => {
      const events = await run([sub('no_such_workflow')], [], { n: 1 });
      expect(at(only(events, 'step_failed', 'sub'), 'error', 'code')).to.equal('child_refused');
    });

    it('cancels the child with its execution', async () => {
      const child = await engine.createWorkflow({
        nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
      });
      const executionId = await start([sub(child)], [], { n: 1 });
      const childId = await eventually(async () => {
        const { rows } = await engine.pool.query<{ child_id: string }>(
          'SELECT child_id FROM children WHERE parent_id = $1',
          [executionId],
        );
        const [row] = rows;
        if (row === undefined) throw new Error('no child yet');
        return row.child_id;
      });
      await engine.runtime.cancel({
        executionId,
        by: { id: engine.owner.id, username: 'ada' },
        waitMs: 5_000,
      });
      const events = await engine.finished(childId);
      expect(events.at(-1)?.type).to.equal('cancelled');
    });
  });

  describe('approval', () => {
    it('fails by itself where its message cannot be asked, and goes its own way then', async () => {
      const events = await run(
        [
          {
            id: 'ask',
            type: 'approval',
            data: { on_error: 'error', config: { message: '{{ parameters.text }}' } },
          },
          set('after', { code: '=steps.ask.error.code' }),
        ],
        [{ source: 'ask', target: 'after', label: 'error' }],
        { text: 'a\u0000b' },
      );

      expect(events.at(-1)?.type).to.equal('completed');
      expect(ofStep(events, 'ask').map(({ type }) => type)).to.deep.equal(['step_started', 'step_failed']);
      expect(ofStep(events, 'ask').at(-1)).to.have.nested.property('data.error.code', 'invalid_input');
    });
  });

  describe('wait_for_event', () => {
    const wait = (config = {}): Nodes[number] => ({
      id: 'w',
      type: 'wait_for_event',
      data: { config: { name: 'paid', key: '=parameters.order', ...config } },
    });

    it('takes the payload of the event, whether it comes before or after', async () => {
      const send = (key: string, payload: string) =>
        engine.runtime.externalEvents.send({
          ...{
            ownerId: engine.owner.id,
            sentBy: engine.owner.id,
            name: 'paid',
            key,
            payload,
            ttlSeconds: 60,
          },
        });
      await send('early', 'kept');
      const early = await run([wait()], [], { order: 'early' });
      expect(outputOf(early, 'w')).to.equal('kept');

      const executionId = await start([wait()], [], { order: 'late' });
      await eventually(async () => {
        const { rows } = await engine.pool.query('SELECT 1 FROM event_waits WHERE key = $1', ['late']);
        expect(rows).to.have.length(1);
      });
      await send('late', 'x'.repeat(100_000));
      const late = await engine.finished(executionId);
      expect(only(late, 'step_completed', 'w').data).to.have.property('output_ref');
    });

    it('follows the edge "timeout" when nothing comes', async () => {
      const events = await run(
        [wait({ timeout_seconds: 0.3 }), set('late', {})],
        [{ source: 'w', target: 'late', label: 'timeout' }],
        { order: 'never' },
      );
      expect(told(events)).to.include('step_completed late');
    });
  });

  describe('on_failure', () => {
    it('runs with the failure before the execution ends', async () => {
      const events = await run(
        [{ id: 'bad', type: 'transform', data: { config: { expression: '$error("broken")' } } }],
        [],
        {},
        { on_failure: { nodes: [set('undo', { code: '=failure.code' })] } },
      );
      expect(outputOf(events, 'undo')).to.have.property('code');
      expect(events.at(-1)?.type).to.equal('failed');
      expect(at(events.at(-1), 'on_failure', 'ok')).to.equal(true);
      expect(ofStep(events, 'undo').length).to.be.greaterThan(0);
    });
  });
});
