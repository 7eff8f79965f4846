import { nodeId } from '@millrace/contracts';
import type { BuilderDocument } from './document';
import { stepIds } from './ids';
import { withNewIds } from './references';
import { ON_FAILURE, ROOT, withGraph } from './scope';

/** Why a step cannot be called so; undefined where it can. */
export function renameRefusal(document: BuilderDocument, id: string, to: string): string | undefined {
  if (!nodeId.safeParse(to).success) return 'An id holds 1 to 64 letters, digits, "_" or "-".';
  if (to !== id && stepIds(document).has(to)) return `There is a step "${to}" already.`;
  return undefined;
}

/** The document with another id for a step, wherever it is named. Unchanged where that cannot be. */
export function renamed(document: BuilderDocument, id: string, to: string): BuilderDocument {
  if (id === to || renameRefusal(document, id, to) !== undefined || !stepIds(document).has(id))
    return document;
  const ids = new Map([[id, to]]);
  const main = withGraph(document, ROOT, (graph) => withNewIds(graph, ids));
  return withGraph(main, [ON_FAILURE], (graph) => withNewIds(graph, ids));
}
