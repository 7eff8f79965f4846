import { bodyOf, type GraphDefinition, type Node } from '@millrace/contracts';
import type { LoadedVersion } from '../queries';

/** The node of a step, in whatever body or in `on_failure`. */
export function nodeOf(
  version: Pick<LoadedVersion, 'nodes' | 'edges' | 'on_failure'>,
  stepId: string,
): Node | undefined {
  return find(version, stepId) ?? (version.on_failure && find(version.on_failure, stepId));
}

function find({ nodes }: GraphDefinition, stepId: string): Node | undefined {
  for (const node of nodes) {
    if (node.id === stepId) return node;
    const body = bodyOf(node);
    const found = body && find(body, stepId);
    if (found) return found;
  }
  return undefined;
}
