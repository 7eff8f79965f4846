import type { Definition } from '@millrace/contracts';
import { checkEdges } from './check-edges.js';
import { checkExpressions } from './check-expressions.js';
import { checkNodes } from './check-nodes.js';
import { buildPlan } from './build.js';
import { cycles, topologicalOrder } from './topology.js';
import type { CompileResult, Problem } from './plan.js';

/**
 * Turns a checked definition into a plan, or lists everything that is wrong with it at once (rules G1 to G12).
 * Linear in nodes and edges; the definition is not kept and not changed, but its `config` and `input` are shared.
 */
export function compile(definition: Definition): CompileResult {
  const problems: Problem[] = checkNodes(definition);
  const positions = new Map<string, number>();
  definition.nodes.forEach((node, position) => {
    if (!positions.has(node.id)) positions.set(node.id, position);
  });

  const edges = checkEdges(definition, positions, problems);
  const targets: number[][] = definition.nodes.map(() => []);
  for (const edge of edges) targets[edge.source]?.push(edge.target);
  const order = topologicalOrder(targets);
  const isAcyclic = order.length === definition.nodes.length;
  if (!isAcyclic) problems.push(...cycles(targets).map((cycle) => cycleProblem(definition, cycle)));
  checkExpressions(definition, positions, targets, isAcyclic ? order : null, problems);

  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: buildPlan(definition, order, edges) };
}

function cycleProblem(definition: Definition, cycle: readonly number[]): Problem {
  const nodeIds = cycle.map((position) => definition.nodes[position]?.id ?? '');
  const shown = nodeIds.length > 20 ? [...nodeIds.slice(0, 20), `${nodeIds.length - 20} more`] : nodeIds;
  return {
    category: 'structure',
    code: 'cycle',
    message: `the nodes ${shown.join(', ')} are on a cycle`,
    nodeIds,
    loc: ['nodes', cycle[0] ?? 0],
  };
}
