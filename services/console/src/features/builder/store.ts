import { create } from 'zustand';
import { NOTHING_SELECTED, type Selection } from '@/features/canvas/graph';
import { createRunStatus } from '@/features/canvas/run-status';
import type { Command } from './document/command';
import type { BuilderDocument } from './document/document';
import { execute, redo as redone, startOf, undo as undone, type History } from './document/history';
import { findStep, graphAt, ROOT, type Scope } from './document/scope';

/**
 * The builder's state. `useBuilder(selector)` reads it, `dispatch(command)` is the only way to change the document.
 *
 *     const node = useBuilder(selectedStep);
 *     dispatch({ type: 'update_step', id: node.id, change: { label }, typing: true });
 *
 * The document is the same object exactly as long as it is unchanged: who saves compares by identity, and saving tells
 * the store nothing. The status of a run is in `builderRun`, apart.
 */
export interface BuilderState extends History {
  /** undefined before a workflow has been opened. */
  readonly workflowId: string | undefined;
  /** Why nothing may be changed; undefined where it may. Commands are then refused. */
  readonly readOnlyReason: string | undefined;
  /** Which graph the canvas shows. */
  readonly scope: Scope;
  readonly selection: Selection;
  /** What somebody asked to be shown; a new object for every time it is asked. */
  readonly shown: Shown | undefined;
}

export interface Shown {
  readonly stepId: string;
  /** The way to a field within the node, such as `['data', 'config', 'url']`: where the panel puts the focus. */
  readonly field: readonly (string | number)[];
}

const EMPTY: BuilderDocument = { name: '', description: '', nodes: [], edges: [], metadata: {} };

export const useBuilder = create<BuilderState>(() => ({
  ...startOf(EMPTY),
  workflowId: undefined,
  readOnlyReason: undefined,
  scope: ROOT,
  selection: NOTHING_SELECTED,
  shown: undefined,
}));

/** The steps' status in the run that the canvas shows. */
export const builderRun = createRunStatus();

/** Begins with a document and an empty history. Reopening the same workflow is for conflicts: `dispatch` a `replace` there. */
export function openDocument(
  workflowId: string,
  document: BuilderDocument,
  readOnlyReason: string | undefined,
): void {
  builderRun.replace([]);
  useBuilder.setState({
    ...startOf(document),
    workflowId,
    readOnlyReason,
    scope: ROOT,
    selection: NOTHING_SELECTED,
    shown: undefined,
  });
}

export const setReadOnlyReason = (readOnlyReason: string | undefined): void => {
  useBuilder.setState({ readOnlyReason });
};

/** Does what the command says, as one step of undo. Nothing where the document may not be changed. */
export function dispatch(command: Command): void {
  useBuilder.setState((state) =>
    state.readOnlyReason === undefined ? settled(state, execute(state, command, Date.now())) : state,
  );
}

export const undo = (): void => useBuilder.setState((state) => settled(state, undone(state)));
export const redo = (): void => useBuilder.setState((state) => settled(state, redone(state)));

export const select = (selection: Selection): void => useBuilder.setState({ selection });

export const selectSteps = (ids: Iterable<string>): void => select({ nodes: new Set(ids), edges: new Set() });

/** Shows the graph inside a step, or an outer one. */
export function enterScope(scope: Scope): void {
  useBuilder.setState((state) =>
    graphAt(state.document, scope) ? { ...state, scope, selection: NOTHING_SELECTED } : state,
  );
}

/** Goes to a step wherever it is, selects it, brings it into sight, and puts the focus on a field of its panel. */
export function showStep(stepId: string, field: Shown['field'] = []): void {
  useBuilder.setState((state) => {
    const found = findStep(state.document, stepId);
    if (!found) return state;
    const selection = { nodes: new Set([stepId]), edges: new Set<string>() };
    return { ...state, scope: found.scope, selection, shown: { stepId, field } };
  });
}

/** After a change of the document nothing is selected, and no graph shown, that is not there any more. */
function settled(state: BuilderState, history: History): BuilderState {
  if (history.document === state.document) return { ...state, ...history };
  let { scope } = state;
  while (scope.length > 0 && !graphAt(history.document, scope)) scope = scope.slice(0, -1);
  const isElsewhere = scope !== state.scope;
  const selection = isElsewhere ? NOTHING_SELECTED : stillThere(state.selection, history.document, scope);
  return { ...state, ...history, scope, selection };
}

function stillThere(selection: Selection, document: BuilderDocument, scope: Scope): Selection {
  const graph = graphAt(document, scope);
  const steps = new Set(graph?.nodes.map(({ id }) => id));
  const edges = new Set(graph?.edges.map(({ id }) => id));
  const isThere = (key: string): boolean => key.includes(':') || steps.has(key);
  if ([...selection.nodes].every(isThere) && [...selection.edges].every((id) => edges.has(id)))
    return selection;
  return {
    nodes: new Set([...selection.nodes].filter(isThere)),
    edges: new Set([...selection.edges].filter((id) => edges.has(id))),
  };
}
