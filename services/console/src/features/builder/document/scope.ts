import { descriptorOf, type Node } from '@millrace/contracts';
import type { BuilderDocument, StepEdge, StepGraph } from './document';
import { asBody, bodyGraph } from './read';

/**
 * Which graph of the document: the ids of the steps whose bodies lead to it, outermost first; nothing for the workflow's
 * own. `ON_FAILURE` comes first for what runs on failure; no step can be called so.
 */
export type Scope = readonly string[];

export const ROOT: Scope = [];
export const ON_FAILURE = '#on_failure';

/** What notes name their graph by. */
export const scopeName = (scope: Scope): string | undefined => scope.at(-1);

export const isSameScope = (a: Scope, b: Scope): boolean =>
  a.length === b.length && a.every((part, at) => part === b[at]);

export const hasBody = ({ type }: Node): boolean => descriptorOf(type).hasBody === true;

const mainGraph = ({ nodes, edges }: BuilderDocument): StepGraph => ({ nodes, edges: edges as StepEdge[] });

/** undefined where the scope leads nowhere (any more). */
export function graphAt(document: BuilderDocument, scope: Scope): StepGraph | undefined {
  const [first, ...inner] = scope;
  if (first === ON_FAILURE) {
    const { on_failure } = document;
    return on_failure && within({ nodes: on_failure.nodes, edges: on_failure.edges as StepEdge[] }, inner);
  }
  return within(mainGraph(document), scope);
}

function within(graph: StepGraph, path: readonly string[]): StepGraph | undefined {
  const [id, ...rest] = path;
  if (id === undefined) return graph;
  const node = graph.nodes.find((one) => one.id === id);
  return node && hasBody(node) ? within(bodyGraph(node), rest) : undefined;
}

/** The document with another graph at a place. The same document where nothing leads there or nothing changes. */
export function withGraph(
  document: BuilderDocument,
  scope: Scope,
  change: (graph: StepGraph) => StepGraph,
): BuilderDocument {
  const [first, ...inner] = scope;
  if (first === ON_FAILURE) {
    const { on_failure } = document;
    if (on_failure === undefined) return document;
    const before: StepGraph = { nodes: on_failure.nodes, edges: on_failure.edges as StepEdge[] };
    const after = changed(before, inner, change);
    return after === before ? document : { ...document, on_failure: { ...on_failure, ...mutable(after) } };
  }
  const before = mainGraph(document);
  const after = changed(before, scope, change);
  return after === before ? document : { ...document, ...mutable(after) };
}

const mutable = ({ nodes, edges }: StepGraph) => ({ nodes: [...nodes], edges: [...edges] });

function changed(
  graph: StepGraph,
  path: readonly string[],
  change: (graph: StepGraph) => StepGraph,
): StepGraph {
  const [id, ...rest] = path;
  if (id === undefined) return change(graph);
  const at = graph.nodes.findIndex((one) => one.id === id);
  const node = graph.nodes[at];
  if (node === undefined || !hasBody(node)) return graph;
  const before = bodyGraph(node);
  const after = changed(before, rest, change);
  if (after === before) return graph;
  const config = { ...node.data.config, body: asBody(after) };
  return { ...graph, nodes: graph.nodes.with(at, { ...node, data: { ...node.data, config } }) };
}

/** Every graph of the document with its scope, the outer before the inner. */
export function* graphsOf(document: BuilderDocument): Generator<readonly [Scope, StepGraph]> {
  yield* walk(ROOT, mainGraph(document));
  const { on_failure } = document;
  if (on_failure)
    yield* walk([ON_FAILURE], { nodes: on_failure.nodes, edges: on_failure.edges as StepEdge[] });
}

function* walk(scope: Scope, graph: StepGraph): Generator<readonly [Scope, StepGraph]> {
  yield [scope, graph];
  for (const node of graph.nodes) if (hasBody(node)) yield* walk([...scope, node.id], bodyGraph(node));
}

export interface FoundStep {
  readonly scope: Scope;
  readonly node: Node;
}

/** Step ids are unique in the whole document, so an id is enough to find one. */
export function findStep(document: BuilderDocument, id: string): FoundStep | undefined {
  for (const [scope, { nodes }] of graphsOf(document)) {
    const node = nodes.find((one) => one.id === id);
    if (node) return { scope, node };
  }
  return undefined;
}
