import { portsOf, type Node } from '@millrace/contracts';
import { CARD, ERROR_PORT, type Point, type Size } from '@/features/canvas/graph';
import { freePorts, newEdge } from '../document/connect';
import type { Command } from '../document/command';
import type { BuilderDocument, StepGraph } from '../document/document';
import { stepIds } from '../document/ids';
import { graphAt, type Scope } from '../document/scope';
import { newStep, type StepChoice } from '../step-choices';
import { reach } from '../walk';

const GAP = 88;
const ROW = CARD.height + 36;

export interface Placing {
  readonly command: Command;
  readonly id: string;
}

/** Where the new step goes: a place, after or before a step, or into an edge. */
export type Where =
  | { readonly place: Point }
  | { readonly from: { readonly id: string; readonly direction: 'from' | 'to' }; readonly place?: Point }
  | { readonly edge: string };

/** What adds a step, connects it, and makes room for it. Undefined where the place is not there any more. */
export function placing(
  document: BuilderDocument,
  scope: Scope,
  choice: StepChoice,
  where: Where,
): Placing | undefined {
  const graph = graphAt(document, scope);
  if (!graph) return undefined;
  const taken = stepIds(document);
  if ('edge' in where) return intoEdge(graph, scope, choice, where.edge, taken);
  if (!('from' in where)) {
    const node = newStep(choice, freePlace(graph, where.place), taken);
    return { id: node.id, command: { type: 'add', scope, nodes: [node], edges: [] } };
  }
  const { id, direction } = where.from;
  const other = graph.nodes.find((one) => one.id === id);
  if (!other) return undefined;
  const step = direction === 'from' ? CARD.width + GAP : -CARD.width - GAP;
  const place = where.place ?? { x: other.position.x + step, y: other.position.y };
  const node = newStep(choice, freePlace(graph, place), taken);
  const [source, target] = direction === 'from' ? [other, node] : [node, other];
  const label = firstPort({ ...graph, nodes: [...graph.nodes, node] }, source, target);
  const edges = [newEdge(graph, source.id, target.id, label)];
  return { id: node.id, command: { type: 'add', scope, nodes: [node], edges } };
}

/** The step takes the middle of the edge; what comes behind moves to the right as far as it must. */
function intoEdge(
  graph: StepGraph,
  scope: Scope,
  choice: StepChoice,
  edgeId: string,
  taken: Set<string>,
): Placing | undefined {
  const edge = graph.edges.find(({ id }) => id === edgeId);
  const source = graph.nodes.find(({ id }) => id === edge?.source);
  const target = graph.nodes.find(({ id }) => id === edge?.target);
  if (!edge || !source || !target) return undefined;
  const x = source.position.x + CARD.width + GAP;
  const shift = Math.max(0, x + CARD.width + GAP - target.position.x);
  const y = (source.position.y + target.position.y) / 2;
  const node = newStep(choice, { x: shift === 0 ? middle(source, target) : x, y }, taken);
  const first = newEdge(graph, source.id, node.id, edge.label);
  const port = portsOf(node.type, node.data.config)[0];
  const second = newEdge({ edges: [...graph.edges, first] }, node.id, target.id, port);
  const moves = new Map(
    graph.nodes
      .filter(({ id }) => shift > 0 && reach(graph, [target.id], 'downstream').has(id))
      .map(({ id, position }) => [id, { x: position.x + shift, y: position.y }]),
  );
  const commands: Command[] = [
    { type: 'add', scope, nodes: [node], edges: [first, second] },
    { type: 'remove', scope, nodes: [], edges: [edge.id] },
    { type: 'move', scope, moves },
  ];
  return { id: node.id, command: { type: 'batch', commands } };
}

const middle = (source: Node, target: Node): number =>
  source.position.x + CARD.width + (target.position.x - source.position.x - 2 * CARD.width) / 2;

/** A port that is still free; errors are handled by those who ask for it. */
function firstPort(graph: StepGraph, source: Node, target: Node): string {
  const used = new Set(graph.edges.filter((edge) => edge.source === source.id).map(({ label }) => label));
  const free = freePorts(graph, source.id, target.id).filter((port) => port !== ERROR_PORT);
  return free.find((port) => !used.has(port)) ?? free[0] ?? '';
}

/** The place itself, or the next one below it where no card would lie over or under what is put there. */
export function freePlace({ nodes }: StepGraph, { x, y }: Point, size: Size = CARD): Point {
  const isCovered = (at: number): boolean =>
    nodes.some(
      ({ position }) =>
        position.x < x + size.width &&
        position.x + CARD.width > x &&
        position.y < at + size.height &&
        position.y + CARD.height > at,
    );
  let free = y;
  while (isCovered(free)) free += ROW;
  return { x, y: free };
}
