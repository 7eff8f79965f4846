import { descriptorOf, retryPolicy, type Definition, type RetryPolicy } from '@millrace/contracts';
import { ERROR_PORT, type CheckedEdge } from './check-edges.js';
import type { Plan, PlanEdge, PlanStep } from './plan.js';

type Node = Definition['nodes'][number];

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
function uncertainty(node: Node): PlanStep['uncertain'] {
  if (node.type !== 'http_request') return 'retry';
  const { method, idempotent } = node.data.config;
  return idempotent === true || REPEATABLE_METHODS.has(method) ? 'retry' : 'fail';
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1_000);
}

/** `order` holds positions of the definition; `edges` have been checked. */
export function buildPlan(
  definition: Definition,
  order: readonly number[],
  edges: readonly CheckedEdge[],
): Plan {
  const indexAt = new Array<number>(order.length).fill(0);
  order.forEach((position, index) => {
    indexAt[position] = index;
  });
  const planEdges: PlanEdge[] = edges.map(({ source, target, port }) => ({
    source: indexAt[source] ?? 0,
    target: indexAt[target] ?? 0,
    port,
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
    const node = definition.nodes[position];
    if (node === undefined) continue;
    const descriptor = descriptorOf(node.type);
    const into = incoming[index] ?? [];
    const out = outgoing[index] ?? [];
    const hasErrorEdge = out.some((edge) => planEdges[edge]?.port === ERROR_PORT);
    steps.push({
      index,
      id: node.id,
      name: node.data.label ?? node.id,
      kind: node.type,
      agentType: node.data.agent_type ?? null,
      purity: descriptor.purity,
      config: node.data.config,
      input: node.data.input,
      retry: node.data.retry ?? NO_RETRY,
      timeoutMs: milliseconds(node.data.timeout_seconds),
      onError: hasErrorEdge ? 'error' : node.data.on_error,
      join: node.data.join,
      disabled: node.data.disabled,
      pinnedOutput: node.data.pinned_output,
      uncertain: uncertainty(node),
      ports: descriptor.ports,
      incoming: into,
      outgoing: out,
      dependencies: ends(into, 'source'),
      dependents: ends(out, 'target'),
    });
  }
  return {
    name: definition.name,
    steps,
    edges: planEdges,
    roots: steps.filter((step) => step.incoming.length === 0).map((step) => step.index),
    leaves: steps.filter((step) => step.outgoing.length === 0).map((step) => step.index),
    indexOf: new Map(steps.map((step) => [step.id, step.index])),
    timeoutMs: milliseconds(definition.timeout_seconds),
    templates: [],
  };
}
