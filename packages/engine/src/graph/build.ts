import {
  descriptorOf,
  portsOf,
  retryPolicy,
  type Definition,
  type GraphDefinition,
  type OnUncertain,
  type RetryPolicy,
} from '@millrace/contracts';
import { ERROR_PORT, type CheckedEdge } from './check-edges.js';
import type { Graph, Plan, PlanEdge, PlanStep } from './plan.js';

type Node = GraphDefinition['nodes'][number];

/** A graph without problems; `order` and the keys of `bodies` are positions of the definition. */
export interface CheckedGraph {
  readonly source: GraphDefinition;
  readonly order: readonly number[];
  readonly edges: readonly CheckedEdge[];
  readonly bodies: ReadonlyMap<number, CheckedGraph>;
}

/** One attempt. Steps without a policy share it. */
export const NO_RETRY: RetryPolicy = retryPolicy.parse({});

/** Methods whose repetition has no other effect than the first call (RFC 9110, 9.2.2). */
const REPEATABLE_METHODS: ReadonlySet<unknown> = new Set([
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  undefined,
]);

/** Rule C2: may an attempt of unknown outcome be repeated? */
function uncertainty(node: Node): OnUncertain {
  if (node.data.on_uncertain !== undefined) return node.data.on_uncertain;
  if (node.type !== 'http_request') return 'retry';
  const { method, idempotent } = node.data.config;
  return idempotent === true || REPEATABLE_METHODS.has(method) ? 'retry' : 'fail';
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1_000);
}

export function buildPlan(
  definition: Definition,
  main: CheckedGraph,
  handler: CheckedGraph | null,
  ignoresPins: boolean,
): Plan {
  const stepOf = new Map<string, PlanStep>();
  const { on_failure, budget } = definition;
  const graph = buildGraph(main, { within: [], isInOnFailure: false, ignoresPins }, stepOf);
  return {
    ...graph,
    name: definition.name,
    stepOf,
    timeoutMs: milliseconds(definition.timeout_seconds),
    onFailure:
      handler === null
        ? null
        : {
            graph: buildGraph(handler, { within: [], isInOnFailure: true, ignoresPins }, stepOf),
            timeoutMs: milliseconds(on_failure?.timeout_seconds) ?? 0,
          },
    budget:
      budget === undefined
        ? null
        : { tokens: budget.max_tokens ?? null, costUsd: budget.max_cost_usd ?? null },
  };
}

interface Place extends Pick<PlanStep, 'within' | 'isInOnFailure'> {
  readonly ignoresPins: boolean;
}

function buildGraph(
  { source, order, edges, bodies }: CheckedGraph,
  place: Place,
  stepOf: Map<string, PlanStep>,
): Graph {
  const indexAt = new Array<number>(order.length).fill(0);
  order.forEach((position, index) => {
    indexAt[position] = index;
  });
  const planEdges: PlanEdge[] = edges.map((edge) => ({
    source: indexAt[edge.source] ?? 0,
    target: indexAt[edge.target] ?? 0,
    port: edge.port,
  }));
  const incoming: number[][] = order.map(() => []);
  const outgoing: number[][] = order.map(() => []);
  planEdges.forEach((edge, index) => {
    incoming[edge.target]?.push(index);
    outgoing[edge.source]?.push(index);
  });
  const ends = (list: readonly number[], end: 'source' | 'target'): number[] => [
    ...new Set(list.flatMap((index) => planEdges[index]?.[end] ?? [])),
  ];

  const steps: PlanStep[] = [];
  for (const [index, position] of order.entries()) {
    const node = source.nodes[position];
    if (node === undefined) continue;
    const into = incoming[index] ?? [];
    const out = outgoing[index] ?? [];
    const hasErrorEdge = out.some((edge) => planEdges[edge]?.port === ERROR_PORT);
    const step: PlanStep & { body: Graph | null } = {
      index,
      id: node.id,
      name: node.data.label ?? node.id,
      kind: node.type,
      agentType: node.data.agent_type ?? null,
      purity: descriptorOf(node.type).purity,
      config: node.data.config,
      input: node.data.input,
      retry: node.data.retry ?? NO_RETRY,
      timeoutMs: milliseconds(node.data.timeout_seconds),
      onError: hasErrorEdge ? 'error' : node.data.on_error,
      join: node.data.join,
      disabled: node.data.disabled,
      pinnedOutput: place.ignoresPins ? undefined : node.data.pinned_output,
      uncertain: uncertainty(node),
      ports: portsOf(node.type, node.data.config),
      incoming: into,
      outgoing: out,
      dependencies: ends(into, 'source'),
      dependents: ends(out, 'target'),
      body: null,
      within: place.within,
      isInOnFailure: place.isInOnFailure,
    };
    const body = bodies.get(position);
    // A step of a body knows the steps it is within, so the outer one has to be there first.
    if (body !== undefined)
      step.body = buildGraph(body, { ...place, within: [...place.within, step] }, stepOf);
    steps.push(step);
    stepOf.set(step.id, step);
  }
  return {
    steps,
    edges: planEdges,
    roots: steps.filter((step) => step.incoming.length === 0).map((step) => step.index),
    leaves: steps.filter((step) => step.outgoing.length === 0).map((step) => step.index),
    templates: [],
  };
}
