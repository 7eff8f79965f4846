import { expect } from 'chai';
import { checkDefinition, type DefinitionProblem } from '../src/index.js';
import { edges, node } from './support/workflows.js';

function workflow(nodes: readonly unknown[], edgeText = '', more: Record<string, unknown> = {}) {
  return { name: 'Test', nodes, edges: edges(edgeText), ...more };
}

const codes = (problems: readonly DefinitionProblem[]): string[] => problems.map(({ code }) => code);

describe('G20 checkDefinition', () => {
  it('answers a valid definition with every default filled in', () => {
    const { definition, problems } = checkDefinition(workflow([node('a'), node('b')], 'a -> b'));

    expect(problems).to.deep.equal([]);
    expect(definition?.nodes[0]).to.deep.include({ id: 'a', position: { x: 0, y: 0 } });
  });

  for (const json of [undefined, null, 7, 'text', [], {}]) {
    it(`answers ${JSON.stringify(json) ?? 'nothing'} with problems of the schema`, () => {
      const { definition, problems } = checkDefinition(json);

      expect(definition).to.equal(undefined);
      expect(problems[0]).to.include({ severity: 'error', category: 'schema' });
    });
  }

  it('tells of a finding of the schema which node it is in, and in which field', () => {
    const { problems } = checkDefinition(
      workflow([node('a'), { id: 'fetch', type: 'http_request', data: { config: { method: 'GET' } } }]),
    );

    expect(problems).to.have.length(1);
    expect(problems[0]).to.deep.include({
      loc: ['nodes', 1, 'data', 'config', 'url'],
      nodeIds: ['fetch'],
      field: ['data', 'config', 'url'],
    });
  });

  it('names the innermost node where bodies and on_failure hold nodes, and takes data for data', () => {
    const broken = { id: 'inner', type: 'delay', data: { config: { seconds: 'soon' } } };
    const loop = { id: 'each', type: 'map', data: { config: { items: [1], body: { nodes: [broken] } } } };
    const values = { nodes: [{ id: 'data' }] };
    const data = node('data_only', { config: { values }, timeout_seconds: -1 });
    const { problems } = checkDefinition(workflow([data], '', { on_failure: { nodes: [loop] } }));

    expect(problems.map(({ nodeIds, field }) => [nodeIds, field])).to.deep.equal([
      [['data_only'], ['data', 'timeout_seconds']],
      [['inner'], ['data', 'config', 'seconds']],
    ]);
  });

  it('lists structure and expressions with their nodes, the definition being there to draw', () => {
    const { definition, problems } = checkDefinition(
      workflow([node('a', { input: '=steps.ghost.output' }), node('b')], 'a -> b, b -> a'),
    );

    expect(definition?.nodes).to.have.length(2);
    expect(problems.map(({ code, category }) => [code, category])).to.deep.equal([
      ['cycle', 'structure'],
      ['unknown_step_reference', 'configuration'],
    ]);
    expect(problems[1]).to.deep.include({ nodeIds: ['a'], field: ['data', 'input'] });
  });

  it('lists texts and a parameters_schema beyond limits beside the rest', () => {
    const { problems } = checkDefinition(
      workflow([node('a', { input: '=(' })], '', {
        description: 'nul \u0000',
        parameters_schema: { $ref: 'https://example.com/schema' },
      }),
    );

    expect(codes(problems)).to.have.members(['unstorable_text', 'invalid_expression', 'invalid_schema']);
  });

  it('does not compile more expressions than a check may take', () => {
    const many = Array.from({ length: 20_001 }, () => '=parameters.x');
    const { problems } = checkDefinition(workflow([node('a', { config: { values: { many } } })]));
    const handler = { nodes: [node('b', { config: { values: { many } } })] };

    expect(codes(problems)).to.deep.equal(['too_many_expressions']);
    expect(codes(checkDefinition(workflow([node('a')], '', { on_failure: handler })).problems)).to.deep.equal(
      ['too_many_expressions'],
    );
  });

  it('warns of a step without edges among others, in bodies too, and of nothing else', () => {
    const body = { nodes: [node('x'), node('y')] };
    const loop = { id: 'each', type: 'map', data: { config: { items: [1], body } } };
    const { definition, problems } = checkDefinition(
      workflow([node('a'), node('b'), loop, node('lone')], 'a -> b, b -> each'),
    );

    expect(definition).to.not.equal(undefined);
    expect(problems.map(({ severity, code, nodeIds }) => [severity, code, nodeIds])).to.deep.equal([
      ['warning', 'disconnected_step', ['x']],
      ['warning', 'disconnected_step', ['y']],
      ['warning', 'disconnected_step', ['lone']],
    ]);
    expect(checkDefinition(workflow([node('only')])).problems).to.deep.equal([]);
  });
});
