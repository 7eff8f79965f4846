import { expect } from 'chai';
import { compile, graphFingerprint, type Problem } from '../src/index.js';
import { define, edges, node, planOf } from './support/workflows.js';

function problemsOf(nodes: readonly unknown[], edgeText = ''): readonly Problem[] {
  const result = compile(define(nodes, edgeText));
  return result.ok ? [] : result.problems;
}

const codes = (problems: readonly Problem[]): string[] => problems.map((problem) => problem.code);

describe('compile', () => {
  it('G1 refuses a workflow without nodes', () => {
    expect(codes(problemsOf([]))).to.deep.equal(['no_nodes']);
  });

  it('G2 names a duplicate id and where its second use is', () => {
    const [problem] = problemsOf([node('a'), node('b'), node('a')]);
    expect(problem).to.deep.include({ code: 'duplicate_id', nodeIds: ['a'], loc: ['nodes', 2, 'id'] });
  });

  it('G3 reports an unknown source and an unknown target', () => {
    const problems = problemsOf([node('a')], 'a -> ghost, spook -> a');
    expect(problems.map((problem) => [problem.code, problem.loc])).to.deep.equal([
      ['unknown_node', ['edges', 0, 'target']],
      ['unknown_node', ['edges', 1, 'source']],
    ]);
  });

  it('G4 refuses an edge from a node to itself', () => {
    expect(problemsOf([node('a')], 'a -> a')[0]).to.deep.include({ code: 'self_loop', nodeIds: ['a'] });
  });

  it('G5 names exactly the nodes on each cycle, not those before or behind it', () => {
    const nodes = ['before', 'a', 'b', 'c', 'behind', 'x', 'y'].map((id) => node(id));
    const problems = problemsOf(nodes, 'before -> a, a -> b, b -> c, c -> a, c -> behind, x -> y, y -> x');
    expect(problems.map((problem) => problem.nodeIds)).to.deep.equal([
      ['a', 'b', 'c'],
      ['x', 'y'],
    ]);
  });

  it('G6 refuses the same edge twice, and allows two branches into one node', () => {
    const choice = node('c', {}, 'condition');
    expect(codes(problemsOf([node('a'), node('b')], 'a -> b, a -x-> b'))).to.deep.equal(['duplicate_edge']);
    expect(problemsOf([choice, node('b')], 'c -true-> b, c -false-> b')).to.deep.equal([]);
  });

  it('G7 wants a port on every edge out of a condition, and ignores labels elsewhere', () => {
    const problems = problemsOf([node('c', {}, 'condition'), node('a'), node('b')], 'c -> a, c -maybe-> b');
    expect(codes(problems)).to.deep.equal(['unlabelled_edge', 'unknown_port']);
    expect(problemsOf([node('a'), node('b')], 'a -whatever-> b')).to.deep.equal([]);
  });

  it('G8 lets an error edge switch on_error, and refuses combinations that lose the error', () => {
    const plan = planOf([node('a'), node('b')], 'a -error-> b');
    expect(plan.steps[0]?.onError).to.equal('error');
    const unused = problemsOf([node('a', { on_error: 'continue' }), node('b')], 'a -error-> b');
    const missing = problemsOf([node('a', { on_error: 'error' }), node('b')], 'a -> b');
    expect([...codes(unused), ...codes(missing)]).to.deep.equal(['error_edge_unused', 'error_edge_missing']);
  });

  it('G9 G15 orders disconnected parts topologically, equals as written', () => {
    const plan = planOf(
      ['d', 'a', 'c', 'b'].map((id) => node(id)),
      'c -> b, b -> a',
    );
    expect(plan.steps.map((step) => step.id)).to.deep.equal(['d', 'c', 'b', 'a']);
    expect([plan.roots, plan.leaves]).to.deep.equal([
      [0, 1],
      [0, 3],
    ]);
  });

  it('G10 wants a pinned output of a condition to select a branch', () => {
    const pinned = (output: unknown): unknown => node('c', { pinned_output: output }, 'condition');
    expect(codes(problemsOf([pinned({ some: 'thing' })]))).to.deep.equal(['invalid_pinned_output']);
    for (const output of [true, 'false', { result: true }])
      expect(problemsOf([pinned(output)])).to.have.length(0);
  });

  it('G11 reports every expression that does not parse, with the way to it', () => {
    const problems = problemsOf([
      node('a', { config: { expression: '1 +' } }, 'condition'),
      node('b', { config: { expression: '(' } }, 'transform'),
      node('c', { config: { values: { x: [{ y: '=((' }] } }, input: 'Hello {{ ' }),
    ]);
    expect(problems.map((problem) => [problem.code, problem.category, problem.loc])).to.deep.equal([
      ['invalid_expression', 'configuration', ['nodes', 0, 'data', 'config', 'expression']],
      ['invalid_expression', 'configuration', ['nodes', 1, 'data', 'config', 'expression']],
      ['invalid_expression', 'configuration', ['nodes', 2, 'data', 'config', 'values', 'x', 0, 'y']],
      ['invalid_expression', 'configuration', ['nodes', 2, 'data', 'input']],
    ]);
  });

  it('G12 reports references to unknown steps and to steps that are not upstream', () => {
    const values = { near: '=steps.a.output', far: '=steps.z.output', none: '=steps.ghost.output' };
    const problems = problemsOf(
      [node('a'), node('z'), node('b'), node('c', { config: { values } })],
      'a -> b, b -> c',
    );
    expect(problems.map((problem) => [problem.code, problem.loc.at(-1)])).to.deep.equal([
      ['unknown_step_reference', 'none'],
      ['step_not_upstream', 'far'],
    ]);
  });

  it('E10 tells how to write an id with a dash', () => {
    const cel = { config: { expression: 'steps.load-data.output == 1' } };
    const problems = problemsOf(
      [node('load-data'), node('c', cel, 'condition'), node('s', { input: '=steps.load-data.output' })],
      'load-data -> c, load-data -> s',
    );
    expect(problems.map((problem) => problem.message).join('\n'))
      .to.contain('steps["load-data"]')
      .and.to.contain('steps.`load-data`');
  });

  it('G14 reports problems of all kinds in one answer', () => {
    const problems = problemsOf(
      [node('a'), node('a'), node('b', { input: '=((' })],
      'a -> b, b -> a, a -> ghost',
    );
    expect(codes(problems)).to.have.members(['duplicate_id', 'unknown_node', 'cycle', 'invalid_expression']);
  });

  it('G14 compiles ten thousand nodes in a row, and a cycle through all of them, without overflowing', () => {
    const count = 10_000;
    const nodes = Array.from({ length: count }, (_, index) => node(`n${index}`));
    const row = Array.from({ length: count - 1 }, (_, index) => ({
      source: `n${index}`,
      target: `n${index + 1}`,
    }));
    const back = { source: `n${count - 1}`, target: 'n0' };
    const line = compile({ ...define(nodes), edges: row });
    const ring = compile({ ...define(nodes), edges: [...row, back] });
    expect(line.ok && line.plan.steps.length).to.equal(count);
    expect(!ring.ok && ring.problems[0]?.nodeIds.length).to.equal(count);
  });
});

describe('graphFingerprint', () => {
  const base = define([node('a', { label: 'A' }), node('b')], 'a -x-> b');

  it('G13 ignores what does not change the execution', () => {
    const [a, b] = base.nodes;
    if (a === undefined || b === undefined) throw new Error('two nodes expected');
    const moved = {
      ...a,
      position: { x: 9, y: 9 },
      data: { ...a.data, label: 'Other', notes: 'Note', pinned_output: 7 },
    };
    const same = {
      ...base,
      name: 'Else',
      nodes: [b, moved],
      edges: edges('a -y-> b'),
      ui: {},
      metadata: { tags: ['t'] },
    };
    expect(graphFingerprint(same)).to.equal(graphFingerprint(base));
  });

  it('G13 changes with configuration, edges and limits', () => {
    const reference = graphFingerprint(base);
    const others = [
      { ...base, edges: [] },
      { ...base, edges: edges('a -error-> b') },
      { ...base, timeout_seconds: 5 },
      define([node('a', { config: { values: { x: 1 } } }), node('b')], 'a -> b'),
    ];
    for (const other of others) expect(graphFingerprint(other)).not.to.equal(reference);
  });

  it('P5 tells pinned outputs apart where they stand in for steps, in bodies too', () => {
    const pinned = define([node('a', { label: 'A', pinned_output: 7 }), node('b')], 'a -x-> b');
    const loop = (data: Record<string, unknown>) =>
      define([
        { id: 'm', type: 'map', data: { config: { items: [1], body: { nodes: [node('x', data)] } } } },
      ]);
    const withPins = { withPins: true };

    expect(graphFingerprint(base, withPins)).to.equal(graphFingerprint(base));
    expect(graphFingerprint(pinned, withPins)).not.to.equal(graphFingerprint(base, withPins));
    expect(graphFingerprint(loop({ pinned_output: 1 }))).to.equal(graphFingerprint(loop({})));
    expect(graphFingerprint(loop({ pinned_output: 1 }), withPins)).not.to.equal(graphFingerprint(loop({})));
  });
});
