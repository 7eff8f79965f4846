import { Graph, layout } from '@dagrejs/dagre';
import { CARD, type Point } from './graph';

export interface LayoutRequest {
  readonly nodes: readonly string[];
  readonly edges: readonly (readonly [source: string, target: string])[];
}

/** Places for every node, from left to right, with its top left corner nearest to the origin. Edges to nowhere are left out. */
export function arrange({ nodes, edges }: LayoutRequest): [id: string, place: Point][] {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 88, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes);
  for (const id of nodes) graph.setNode(id, { ...CARD });
  for (const [source, target] of edges)
    if (known.has(source) && known.has(target)) graph.setEdge(source, target);
  layout(graph);
  return nodes.map((id) => {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
    return [id, { x: Math.round(x - CARD.width / 2), y: Math.round(y - CARD.height / 2) }];
  });
}
