import type { AnyNode, StepFlowEdge } from './flow-types';
import type { Selection } from './graph';
import type { EdgeChange, NodeChange } from './rf';

/**
 * Handlers that turn React Flow's changes into whole selections. One click may bring several changes before the owner
 * has handed back the new selection, so each builds on the one before.
 */
export function selectionAfter(start: Selection, onSelect: ((selection: Selection) => void) | undefined) {
  let current = start;
  const emit = (next: Selection): void => {
    current = next;
    onSelect?.(next);
  };
  return {
    nodes(changes: readonly NodeChange<AnyNode>[]): void {
      const nodes = applied(current.nodes, changes);
      if (nodes !== undefined) emit({ ...current, nodes });
    },
    edges(changes: readonly EdgeChange<StepFlowEdge>[]): void {
      const edges = applied(current.edges, changes);
      if (edges !== undefined) emit({ ...current, edges });
    },
  };
}

/** undefined where nothing changes. */
function applied(
  before: ReadonlySet<string>,
  changes: readonly (NodeChange<AnyNode> | EdgeChange<StepFlowEdge>)[],
): ReadonlySet<string> | undefined {
  const after = new Set(before);
  for (const change of changes) {
    if (change.type !== 'select') continue;
    if (change.selected) after.add(change.id);
    else after.delete(change.id);
  }
  const isSame = after.size === before.size && [...after].every((id) => before.has(id));
  return isSame ? undefined : after;
}
