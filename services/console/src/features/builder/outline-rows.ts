import { titleOf } from '@/features/canvas/describe';
import type { Node } from '@millrace/contracts';
import type { BuilderDocument, StepGraph } from './document/document';
import { bodyGraph } from './document/read';
import { graphAt, hasBody, ON_FAILURE, ROOT, type Scope } from './document/scope';

export interface OutlineRow {
  readonly node: Node;
  readonly scope: Scope;
  /** From 1. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly isOpen: boolean | undefined;
  /** Where its edges lead, in words. */
  readonly leadsTo: string;
}

/** The steps as a tree, in the order in which they run: those inside a step below it, what runs on failure at the end. */
export function outlineRows(document: BuilderDocument, closed: ReadonlySet<string>): OutlineRow[] {
  const main = graphAt(document, ROOT);
  const failure = graphAt(document, [ON_FAILURE]);
  return [
    ...(main ? rowsOf(main, ROOT, 1, closed) : []),
    ...(failure ? rowsOf(failure, [ON_FAILURE], 1, closed) : []),
  ];
}

function rowsOf(graph: StepGraph, scope: Scope, level: number, closed: ReadonlySet<string>): OutlineRow[] {
  const titles = new Map(graph.nodes.map((node) => [node.id, titleOf(node)]));
  return inOrder(graph).flatMap((node, at) => {
    const isOpen = hasBody(node) ? !closed.has(node.id) : undefined;
    const leadsTo = graph.edges
      .filter(({ source }) => source === node.id)
      .map(({ target, label = '' }) => `${label === '' ? '' : `${label}: `}${titles.get(target) ?? target}`)
      .join(', ');
    const row = { node, scope, level, position: at + 1, siblings: graph.nodes.length, isOpen, leadsTo };
    return [row, ...(isOpen === true ? rowsOf(bodyGraph(node), [...scope, node.id], level + 1, closed) : [])];
  });
}

/** Sources before targets; steps on a cycle come last, as they are. */
function inOrder({ nodes, edges }: StepGraph): Node[] {
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { target } of edges) waiting.set(target, (waiting.get(target) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const order = nodes.filter(({ id }) => waiting.get(id) === 0);
  const targets = new Map<string, string[]>();
  for (const { source, target } of edges) targets.set(source, [...(targets.get(source) ?? []), target]);
  for (let head = 0; head < order.length; head += 1) {
    for (const target of targets.get(order[head]?.id ?? '') ?? []) {
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      const node = byId.get(target);
      if (left === 0 && node) order.push(node);
    }
  }
  const placed = new Set(order);
  return [...order, ...nodes.filter((node) => !placed.has(node))];
}
