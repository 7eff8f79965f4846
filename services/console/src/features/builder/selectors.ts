import type { Node } from '@millrace/contracts';
import type { StepEdge, StepGraph } from './document/document';
import { graphAt } from './document/scope';
import type { BuilderState } from './store';

const NO_STEPS: StepGraph = { nodes: [], edges: [] };
const graphs = new WeakMap<object, Map<string, StepGraph>>();

/** The graph that the canvas shows. The same object until the document changes. */
export function shownGraph({ document, scope }: BuilderState): StepGraph {
  const known = graphs.get(document) ?? new Map<string, StepGraph>();
  graphs.set(document, known);
  const key = scope.join('/');
  const graph = known.get(key) ?? graphAt(document, scope) ?? NO_STEPS;
  known.set(key, graph);
  return graph;
}

/** The step that is selected alone. */
export function selectedStep(state: BuilderState): Node | undefined {
  const { nodes, edges } = state.selection;
  if (nodes.size !== 1 || edges.size > 0) return undefined;
  const [id] = nodes;
  return shownGraph(state).nodes.find((node) => node.id === id);
}

/** The edge that is selected alone. */
export function selectedEdge(state: BuilderState): StepEdge | undefined {
  const { nodes, edges } = state.selection;
  if (edges.size !== 1 || nodes.size > 0) return undefined;
  const [id] = edges;
  return shownGraph(state).edges.find((edge) => edge.id === id);
}

export const canUndo = ({ past, readOnlyReason }: BuilderState): boolean =>
  past.length > 0 && readOnlyReason === undefined;
export const canRedo = ({ future, readOnlyReason }: BuilderState): boolean =>
  future.length > 0 && readOnlyReason === undefined;
