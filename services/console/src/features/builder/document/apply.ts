import type { Node, OnError } from '@millrace/contracts';
import { ERROR_PORT, keyedId, type Point } from '@/features/canvas/graph';
import { moveNotes, putGroup, putNote, removeAnnotations, renameInGroups, withoutSteps } from './annotations';
import type { Change, Command } from './command';
import type { BuilderDocument, StepGraph } from './document';
import { renamed } from './rename';
import { findStep, withGraph } from './scope';

/** The document after a command; the very same one where the command changes nothing. Pure. */
export function apply(document: BuilderDocument, command: Command): BuilderDocument {
  switch (command.type) {
    case 'add':
      return withGraph(document, command.scope, (graph) => added(graph, command));
    case 'remove':
      return withoutSteps(
        withGraph(document, command.scope, (graph) => removed(graph, command)),
        command.nodes,
      );
    case 'move':
      return moveNotes(
        withGraph(document, command.scope, (graph) => moved(graph, command.moves)),
        notesAmong(command.moves),
      );
    case 'update_step':
      return updateNode(document, command.id, (node) => {
        const data = merged(node.data, command.change);
        return data === node.data ? node : { ...node, data };
      });
    case 'rename_step':
      return renameInGroups(renamed(document, command.id, command.to), command.id, command.to);
    case 'label_edge':
      return withGraph(document, command.scope, (graph) => labelled(graph, command.id, command.label));
    case 'update_workflow':
      return merged<BuilderDocument>(document, command.change);
    case 'set_on_failure':
      return withOnFailure(document, command.enabled);
    case 'put_note':
      return putNote(document, command.note);
    case 'put_group':
      return putGroup(document, command.group);
    case 'remove_annotations':
      return removeAnnotations(document, command.notes, command.groups);
    case 'replace':
      return command.document;
    case 'batch':
      return command.commands.reduce(apply, document);
  }
}

function updateNode(document: BuilderDocument, id: string, change: (node: Node) => Node): BuilderDocument {
  const found = findStep(document, id);
  if (!found) return document;
  const node = change(found.node);
  if (node === found.node) return document;
  return withGraph(document, found.scope, (graph) => ({
    ...graph,
    nodes: graph.nodes.map((one) => (one.id === id ? node : one)),
  }));
}

function added(graph: StepGraph, { nodes, edges }: Pick<StepGraph, 'nodes' | 'edges'>): StepGraph {
  const all = [...graph.nodes, ...nodes];
  const known = new Set(all.map(({ id }) => id));
  const joined = edges.filter(({ source, target }) => known.has(source) && known.has(target));
  if (nodes.length === 0 && joined.length === 0) return graph;
  return handled(graph, { nodes: all, edges: [...graph.edges, ...joined] });
}

function removed(
  graph: StepGraph,
  { nodes, edges }: { nodes: readonly string[]; edges: readonly string[] },
): StepGraph {
  const gone = new Set(nodes);
  const cut = new Set(edges);
  const left = graph.nodes.filter(({ id }) => !gone.has(id));
  const kept = graph.edges.filter(
    ({ id, source, target }) => !cut.has(id) && !gone.has(source) && !gone.has(target),
  );
  if (left.length === graph.nodes.length && kept.length === graph.edges.length) return graph;
  return handled(graph, { nodes: left, edges: kept });
}

function moved(graph: StepGraph, moves: ReadonlyMap<string, Point>): StepGraph {
  let hasMoved = false;
  const nodes = graph.nodes.map((node) => {
    const to = moves.get(node.id);
    if (to === undefined || (to.x === node.position.x && to.y === node.position.y)) return node;
    hasMoved = true;
    return { ...node, position: { x: to.x, y: to.y } };
  });
  return hasMoved ? { ...graph, nodes } : graph;
}

const notesAmong = (moves: ReadonlyMap<string, Point>): Map<string, Point> =>
  new Map(
    [...moves].flatMap(([key, to]) => {
      const id = keyedId('note', key);
      return id === undefined ? [] : [[id, to] as const];
    }),
  );

function labelled(graph: StepGraph, id: string, label: string): StepGraph {
  const at = graph.edges.findIndex((edge) => edge.id === id);
  const before = graph.edges[at];
  if (before === undefined || (before.label ?? '') === label) return graph;
  const { label: _gone, ...rest } = before;
  return handled(graph, { ...graph, edges: graph.edges.with(at, label === '' ? rest : { ...rest, label }) });
}

/**
 * Whoever draws the first edge labelled `error` asks for it to be followed; whoever takes the last one away asks for a
 * failure again (rule G8). A step that goes on after errors is left as it is.
 */
function handled(before: StepGraph, after: StepGraph): StepGraph {
  const had = withHandler(before);
  const has = withHandler(after);
  const change = (node: Node): Node => {
    const { on_error } = node.data;
    if (had.has(node.id) === has.has(node.id) || on_error === 'continue') return node;
    const wanted: OnError = has.has(node.id) ? 'error' : 'fail';
    return on_error === wanted ? node : { ...node, data: { ...node.data, on_error: wanted } };
  };
  return { ...after, nodes: after.nodes.map(change) };
}

const withHandler = ({ edges }: StepGraph): ReadonlySet<string> =>
  new Set(edges.flatMap(({ source, label }) => (label === ERROR_PORT ? source : [])));

function withOnFailure(document: BuilderDocument, enabled: boolean): BuilderDocument {
  const { on_failure, ...rest } = document;
  if (enabled === (on_failure !== undefined)) return document;
  return enabled ? { ...rest, on_failure: { nodes: [], edges: [], timeout_seconds: 3_600 } } : rest;
}

function merged<T extends object>(before: T, change: Change<T>): T {
  const entries = Object.entries(change) as [keyof T, unknown][];
  if (entries.every(([key, value]) => Object.is(before[key], value))) return before;
  const after: T = Object.assign({}, before, change);
  for (const [key, value] of entries) if (value === undefined) Reflect.deleteProperty(after, key);
  return after;
}
