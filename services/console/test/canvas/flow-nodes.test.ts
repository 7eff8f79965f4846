import { node, type Node } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { createFlowEdges, createFlowNodes, type Decorations } from '@/features/canvas/flow-nodes';
import { edgeKey, NOTHING_SELECTED, type CanvasGraph } from '@/features/canvas/graph';

const step = (id: string, x = 0): Node =>
  node.parse({ id, type: 'delay', position: { x, y: 0 }, data: { config: { seconds: 1 } } });
const plain: Decorations = { problems: new Map(), breakpoints: new Set(), marks: new Map() };
const graph: CanvasGraph = {
  nodes: [step('a'), step('b', 400)],
  edges: [{ source: 'a', target: 'b' }],
  notes: [{ id: 'n', text: 'why', x: 0, y: 200, width: 200, height: 80 }],
  groups: [{ id: 'g', label: 'Both', nodes: ['a', 'b'] }],
};

describe('cards of a graph', () => {
  it('stay the same objects where nothing about them changes', () => {
    const make = createFlowNodes();
    const before = make(graph, NOTHING_SELECTED, plain, new Map());
    const after = make({ ...graph }, { ...NOTHING_SELECTED, nodes: new Set(['b']) }, plain, new Map());
    const kept = after.filter((one) => before.includes(one)).map(({ id }) => id);
    expect(kept).toEqual(['group:g', 'note:n', 'a']);
  });

  it('follow a gesture, and a group its steps', () => {
    const make = createFlowNodes();
    const [group] = make(graph, NOTHING_SELECTED, plain, new Map());
    const [moved] = make(graph, NOTHING_SELECTED, plain, new Map([['a', { x: -100, y: 0 }]]));
    expect([group?.position.x, moved?.position.x]).toEqual([-24, -124]);
  });

  it('come without a group that has no step left', () => {
    const make = createFlowNodes();
    const groups = [{ id: 'g', label: 'Empty', nodes: ['gone'] }];
    const ids = make({ ...graph, groups }, NOTHING_SELECTED, plain, new Map()).map(({ id }) => id);
    expect(ids).toEqual(['note:n', 'a', 'b']);
  });
});

describe('edges of a graph', () => {
  it('are known by their ends and label where they have no id', () => {
    const [edge] = createFlowEdges()(graph, NOTHING_SELECTED, new Map());
    expect([edge?.id, edgeKey({ source: 'a', target: 'b', label: 'error' })]).toEqual(['a>b>', 'a>b>error']);
  });

  it('leave out those that lead nowhere', () => {
    const broken = { ...graph, edges: [...graph.edges, { source: 'a', target: 'gone' }] };
    expect(createFlowEdges()(broken, NOTHING_SELECTED, new Map())).toHaveLength(1);
  });
});
