import { portsOf, type Node } from '@millrace/contracts';
import { closingPath } from '@millrace/engine';
import { ERROR_PORT } from '@/features/canvas/graph';
import { titleOf } from '@/features/canvas/describe';
import type { StepEdge, StepGraph } from './document';

/** The labels that an edge out of this step may bear to mean something; empty where one is only words. */
export const portsOfStep = ({ type, data }: Node): readonly string[] => portsOf(type, data.config);

/** Ports by which `source` does not lead to `target` yet; `error` last. Of a step without ports the plain edge is ''. */
export function freePorts({ nodes, edges }: StepGraph, source: string, target: string): readonly string[] {
  const from = nodes.find(({ id }) => id === source);
  if (!from) return [];
  const ports = portsOfStep(from);
  const used = new Set(
    edges
      .filter((edge) => edge.source === source && edge.target === target)
      .map(({ label = '' }) => (ports.length > 0 || label === ERROR_PORT ? label : '')),
  );
  return [...(ports.length > 0 ? ports : ['']), ERROR_PORT].filter((port) => !used.has(port));
}

/** Why no edge may lead from one step to another; undefined where one may. The engine decides about cycles. */
export function connectionRefusal(graph: StepGraph, source: string, target: string): string | undefined {
  const title = (id: string): string => {
    const node = graph.nodes.find((one) => one.id === id);
    return node ? titleOf(node) : id;
  };
  if (source === target) return 'A step cannot lead to itself.';
  const cycle = closingPath(graph.edges, source, target);
  if (cycle !== undefined) return `This would close a cycle: ${shortened(cycle.map(title)).join(' → ')}`;
  const free = freePorts(graph, source, target).filter((port) => port !== ERROR_PORT);
  if (free.length === 0) return `${title(source)} leads to ${title(target)} already.`;
  return undefined;
}

const shortened = (names: readonly string[]): readonly string[] =>
  names.length <= 6 ? names : [...names.slice(0, 3), '…', ...names.slice(-2)];

/** A new edge with an id that is new in the graph. An empty label is none. */
export function newEdge(
  { edges }: Pick<StepGraph, 'edges'>,
  source: string,
  target: string,
  label = '',
): StepEdge {
  const taken = new Set(edges.map(({ id }) => id));
  let number = edges.length + 1;
  while (taken.has(`edge_${number}`)) number += 1;
  return { id: `edge_${number}`, source, target, ...(label !== '' && { label }) };
}
