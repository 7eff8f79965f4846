import { bodyOf, MAX_NODES, type Definition, type GraphDefinition } from '@millrace/contracts';
import { buildPlan, type CheckedGraph } from './build.js';
import { checkEdges } from './check-edges.js';
import { checkExpressions, checkReferences, type Reference } from './check-expressions.js';
import { checkNodes } from './check-nodes.js';
import { cycles, topologicalOrder } from './topology.js';
import type { Loc } from './config-paths.js';
import type { CompileResult, Problem } from './plan.js';

/** Bodies within bodies. Every level multiplies what one execution has to do. */
const MAX_BODY_DEPTH = 8;

/** What the graphs of one workflow share while they are checked. */
interface Check {
  /** Node ids so far, of all graphs. */
  readonly seen: Set<string>;
  readonly problems: Problem[];
  readonly looksAtExpressions: boolean;
}

interface Place {
  /** The way to the graph in the definition. */
  readonly loc: Loc;
  /** Ids of the graphs around this one. */
  readonly outside: ReadonlySet<string>;
  readonly depth: number;
}

export interface CompileOptions {
  /** Of a definition that was compiled before, when it was saved: its expressions are not looked at once more. */
  readonly areExpressionsChecked?: boolean;
  /** Its steps run although the definition pins their outputs (rule P4). */
  readonly ignoresPins?: boolean;
}

/**
 * Turns a checked definition into a plan, or lists everything that is wrong with it at once (rules G1 to G19).
 * Linear in nodes and edges; the definition is not kept and not changed, but its `config` and `input` are shared.
 */
export function compile(
  definition: Definition,
  { areExpressionsChecked = false, ignoresPins = false }: CompileOptions = {},
): CompileResult {
  const check: Check = { seen: new Set(), problems: [], looksAtExpressions: !areExpressionsChecked };
  const main = checkGraph(definition, { loc: [], outside: new Set(), depth: 0 }, check);
  const { on_failure } = definition;
  const ids = new Set(definition.nodes.map(({ id }) => id));
  const handler =
    on_failure && checkGraph(on_failure, { loc: ['on_failure'], outside: ids, depth: 0 }, check);
  if (check.seen.size > MAX_NODES) {
    const message = `the workflow has more than ${MAX_NODES.toLocaleString('en')} nodes, those of bodies included`;
    check.problems.push({
      category: 'structure',
      code: 'too_many_nodes',
      message,
      nodeIds: [],
      loc: ['nodes'],
    });
  }
  if (check.problems.length > 0) return { ok: false, problems: check.problems };
  return { ok: true, plan: buildPlan(definition, main.checked, handler?.checked ?? null, ignoresPins) };
}

/** Answers the references to steps outside, as they look from there. */
function checkGraph(
  source: GraphDefinition,
  place: Place,
  check: Check,
): { checked: CheckedGraph; outward: Reference[] } {
  const problems: Problem[] = checkNodes(source, check.seen);
  const positions = new Map<string, number>();
  source.nodes.forEach((node, position) => {
    if (!positions.has(node.id)) positions.set(node.id, position);
  });
  const edges = checkEdges(source, positions, problems);
  const targets: number[][] = source.nodes.map(() => []);
  for (const edge of edges) targets[edge.source]?.push(edge.target);
  const order = topologicalOrder(targets);
  const isAcyclic = order.length === source.nodes.length;
  if (!isAcyclic) problems.push(...cycles(targets).map((cycle) => cycleProblem(source, cycle)));

  const references = check.looksAtExpressions ? checkExpressions(source, problems) : [];
  const bodies = new Map<number, CheckedGraph>();
  source.nodes.forEach((node, position) => {
    const body = bodyOf(node);
    if (body === undefined) return;
    const way = ['nodes', position, 'data', 'config', 'body'];
    if (place.depth >= MAX_BODY_DEPTH) {
      const message = `node "${node.id}": bodies may be nested ${MAX_BODY_DEPTH} deep`;
      problems.push({
        category: 'structure',
        code: 'nested_too_deep',
        message,
        nodeIds: [node.id],
        loc: way,
      });
      return;
    }
    const outside = new Set([...place.outside, ...positions.keys()]);
    const inner = checkGraph(body, { loc: [...place.loc, ...way], outside, depth: place.depth + 1 }, check);
    bodies.set(position, inner.checked);
    for (const { id, loc } of inner.outward) references.push({ position, id, loc: [...way, ...loc] });
  });
  const isOutside = (id: string): boolean => place.outside.has(id);
  const outward = checkReferences(
    source,
    { positions, targets, order: isAcyclic ? order : null, isOutside },
    references,
    problems,
  );
  for (const problem of problems) check.problems.push({ ...problem, loc: [...place.loc, ...problem.loc] });
  return { checked: { source, order, edges, bodies }, outward };
}

function cycleProblem(source: GraphDefinition, cycle: readonly number[]): Problem {
  const nodeIds = cycle.map((position) => source.nodes[position]?.id ?? '');
  const shown = nodeIds.length > 20 ? [...nodeIds.slice(0, 20), `${nodeIds.length - 20} more`] : nodeIds;
  return {
    category: 'structure',
    code: 'cycle',
    message: `the nodes ${shown.join(', ')} are on a cycle`,
    nodeIds,
    loc: ['nodes', cycle[0] ?? 0],
  };
}
