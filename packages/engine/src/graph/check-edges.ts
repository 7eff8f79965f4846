import { descriptorOf, portsOf, type GraphDefinition } from '@millrace/contracts';
import type { PlanEdge, Problem } from './plan.js';

export const ERROR_PORT = 'error';

/** An edge whose ends exist; `source` and `target` are positions in the definition. */
export type CheckedEdge = PlanEdge;

type Edge = GraphDefinition['edges'][number];
type Node = GraphDefinition['nodes'][number];

/** What an edge's label selects: a port, `error`, or nothing (null) where it is decoration. Undefined: no such port. */
function portOf(edge: Edge, source: Node): string | null | undefined {
  if (edge.label === ERROR_PORT) return ERROR_PORT;
  const ports = portsOf(source.type, source.data.config);
  if (ports.length === 0) return null;
  const { defaultPort } = descriptorOf(source.type);
  if (isUnlabelled(edge) && defaultPort !== undefined) return defaultPort;
  return edge.label !== undefined && ports.includes(edge.label) ? edge.label : undefined;
}

function isUnlabelled({ label }: Edge): boolean {
  return label === undefined || label === '';
}

function labelProblem(edge: Edge, source: Node, position: number): Problem {
  const ports = portsOf(source.type, source.data.config).join(', ');
  const isBare = isUnlabelled(edge);
  return {
    category: 'structure',
    code: isBare ? 'unlabelled_edge' : 'unknown_port',
    message: isBare
      ? `the edge from "${source.id}" to "${edge.target}" needs a label: a ${source.type} has ${ports}`
      : `the label "${edge.label ?? ''}" on the edge from "${source.id}" to "${edge.target}" is none of ${ports}, error`,
    nodeIds: [source.id],
    loc: isBare ? ['edges', position] : ['edges', position, 'label'],
  };
}

/** Rules G3 to G8. Adds to `problems`; answers the edges that can stand in a plan, in the order of the definition. */
export function checkEdges(
  source: GraphDefinition,
  positions: ReadonlyMap<string, number>,
  problems: Problem[],
): CheckedEdge[] {
  const edges: CheckedEdge[] = [];
  const seen = new Set<string>();
  const withErrorEdge = new Map<number, number>();

  const add = (code: Problem['code'], message: string, nodeIds: string[], loc: Problem['loc']): void => {
    problems.push({ category: 'structure', code, message, nodeIds, loc });
  };

  source.edges.forEach((edge, position) => {
    const from = positions.get(edge.source);
    const target = positions.get(edge.target);
    for (const [end, id, found] of [
      ['source', edge.source, from],
      ['target', edge.target, target],
    ] as const) {
      if (found !== undefined) continue;
      add('unknown_node', `an edge's ${end} is the unknown node "${id}"`, [id], ['edges', position, end]);
    }
    const node = from === undefined ? undefined : source.nodes[from];
    if (from === undefined || target === undefined || node === undefined) return;
    if (from === target) {
      add('self_loop', `node "${edge.source}" has an edge to itself`, [edge.source], ['edges', position]);
      return;
    }
    const port = portOf(edge, node);
    if (port === undefined) {
      problems.push(labelProblem(edge, node, position));
      // Kept as a plain edge, so that a cycle through it is reported in the same answer.
      edges.push({ source: from, target, port: null });
      return;
    }
    const key = `${from}/${target}/${port ?? ''}`;
    if (seen.has(key)) {
      const message = `the edge from "${edge.source}" to "${edge.target}" exists twice`;
      add('duplicate_edge', message, [edge.source, edge.target], ['edges', position]);
      return;
    }
    seen.add(key);
    if (port === ERROR_PORT && !withErrorEdge.has(from)) withErrorEdge.set(from, position);
    edges.push({ source: from, target, port });
  });

  checkHandling(source, withErrorEdge, problems);
  return edges;
}

/** Rule G8: `on_error` and the edges labelled `error` belong together. */
function checkHandling(
  source: GraphDefinition,
  withErrorEdge: ReadonlyMap<number, number>,
  problems: Problem[],
): void {
  source.nodes.forEach((node, position) => {
    const errorEdge = withErrorEdge.get(position);
    if (node.data.on_error === 'continue' && errorEdge !== undefined) {
      problems.push({
        category: 'structure',
        code: 'error_edge_unused',
        message: `node "${node.id}" goes on after an error (on_error "continue"), so its edge labelled "error" is never taken`,
        nodeIds: [node.id],
        loc: ['edges', errorEdge, 'label'],
      });
    }
    if (node.data.on_error === 'error' && errorEdge === undefined) {
      problems.push({
        category: 'structure',
        code: 'error_edge_missing',
        message: `node "${node.id}" has on_error "error" and no edge labelled "error" to follow`,
        nodeIds: [node.id],
        loc: ['nodes', position, 'data', 'on_error'],
      });
    }
  });
}
