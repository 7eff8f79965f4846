import { definition } from '@millrace/contracts';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { type Engine, startEngine } from '../../support/engine.js';
import { fencesOf, readDocument, sectionOf } from '../../support/markdown.js';
import { eventually } from '../../support/poll.js';
import { at, expectSound, ofStep, only, outputOf } from './support/events.js';

type Nodes = Parameters<Engine['createWorkflow']>[0]['nodes'];

describe('code steps', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    await engine.startWorker();
    await engine.startScheduler();
  });
  after(() => engine.stop());

  async function start(
    nodes: Nodes,
    edges: { source: string; target: string }[] = [],
    parameters: Parameters<Engine['submit']>[1] = {},
  ): Promise<string> {
    return engine.submit(await engine.createWorkflow({ nodes, edges }), parameters);
  }

  async function run(...graph: Parameters<typeof start>) {
    const events = await engine.finished(await start(...graph));
    expectSound(events);
    return events;
  }

  const code = (id: string, source: string, more: object = {}, data: object = {}) => ({
    id,
    type: 'code' as const,
    data: { config: { source, ...more }, ...data },
  });

  it('receive what came before and hand on what they return', async () => {
    const events = await run(
      [
        code('double', 'return input.numbers.map((number) => number * 2);'),
        code(
          'sum',
          'export default async (rows: number[], context: any) => ({ sum: rows.reduce((a: number, b: number) => a + b), who: context.execution.submitted_by, keys: Object.keys(context) })',
          { language: 'typescript' },
          { input: '=steps.double.output' },
        ),
        { id: 'show', type: 'set', data: { config: { values: { is: '{{ steps.sum.output.sum }}' } } } },
      ],
      [
        { source: 'double', target: 'sum' },
        { source: 'sum', target: 'show' },
      ],
      { numbers: [1, 2, 3] },
    );

    expect(outputOf(events, 'sum')).to.deep.equal({
      sum: 12,
      who: engine.owner.username,
      keys: ['execution'],
    });
    expect(outputOf(events, 'show')).to.deep.equal({ is: '12' });
  });

  it('take their source as it stands, whatever it looks like', async () => {
    const template = await run([code('a', 'return "{{ parameters.x }}";')]);
    const expression = await run([code('a', '=parameters.x')]);

    expect(outputOf(template, 'a')).to.equal('{{ parameters.x }}');
    expect(at(only(expression, 'step_failed'), 'error', 'code')).to.equal('code_invalid');
  });

  it('have the clock and the chance of expressions', async () => {
    const events = await run(
      [
        { id: 'by_expression', type: 'set', data: { config: { values: { random: '=$random()' } } } },
        code('twice', 'return [Date.now(), Date.now(), Math.random() === Math.random()];'),
      ],
      [{ source: 'by_expression', target: 'twice' }],
    );

    const [first, second, same] = outputOf(events, 'twice') as [number, number, boolean];
    expect(first).to.equal(second);
    expect(Math.abs(first - Date.now())).to.be.below(600_000);
    expect(same).to.equal(false);
  });

  it('fail with the line of their source, once', async () => {
    const events = await run([
      code(
        'a',
        'const order = input.order;\n\nreturn order.price.amount;',
        {},
        { retry: { max_attempts: 3 } },
      ),
    ]);

    const failed = only(events, 'step_failed');
    expect(at(failed, 'error', 'code')).to.equal('code_error');
    expect(at(failed, 'error', 'message')).to.contain('(line 3, column');
    expect(at(failed, 'error', 'details', 'line')).to.equal(3);
    expect(ofStep(events, 'a').filter(({ type }) => type === 'step_started')).to.have.length(1);
  });

  it('that never end are ended, and others go on meanwhile', async () => {
    const endless = start([code('a', 'for (;;);', { timeout_seconds: 1 })]);
    const quick = await run([code('b', 'return 1;')]);
    const events = await engine.finished(await endless);

    expect(outputOf(quick, 'b')).to.equal(1);
    expect(at(only(events, 'step_failed'), 'error', 'code')).to.equal('code_timeout');
  });

  it('write to the log of their step', async () => {
    const executionId = await start([code('a', 'console.log("rows", { left: 2 }); console.warn("few");')]);
    await engine.finished(executionId);

    const lines = await eventually(async () => {
      const { rows } = await engine.pool.query<{ level: string; message: string }>(
        'SELECT level, message FROM step_logs WHERE execution_id = $1 ORDER BY line',
        [executionId],
      );
      expect(rows).to.have.length(2);
      return rows;
    });
    expect(lines).to.deep.equal([
      { level: 'info', message: 'rows { left: 2 }' },
      { level: 'warn', message: 'few' },
    ]);
  });

  it('do what their documentation shows', async () => {
    const [example] = fencesOf(sectionOf(readDocument('docs/steps/code.md'), 'Example'));
    const { nodes, edges } = definition.parse(parseYaml(example?.content ?? ''));
    const rows = [
      { product: 'pen', price: 2.5 },
      { product: 'pen', price: 1.25 },
      { product: 'ink', price: 4 },
    ];

    const executionId = await engine.submit(await engine.createWorkflow({ nodes, edges }), { rows });
    const events = await engine.finished(executionId);

    expect(at(only(events, 'step_completed', 'cheapest'), 'output', 'rows')).to.deep.equal(rows.slice(1));
    expect(at(only(events, 'step_completed', 'total'), 'output', 'total')).to.equal(5.25);
  });

  it('are stopped when their execution is cancelled', async () => {
    const executionId = await start([code('a', 'for (;;);', { timeout_seconds: 300 })]);
    await eventually(async () => {
      expect((await engine.head(executionId)).status).to.equal('running');
    });

    await engine.runtime.cancel({ executionId, by: engine.owner, waitMs: 0 });

    const events = await engine.finished(executionId);
    expect(events.at(-1)?.type).to.equal('cancelled');
  });
});
