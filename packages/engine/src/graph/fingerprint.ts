import { descriptorOf, type Definition } from '@millrace/contracts';
import { canonicalJson } from '../expressions/json.js';
import { ERROR_PORT } from './check-edges.js';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A text that is equal for two definitions exactly when they execute alike (rule G13): hash it to know whether an
 * update makes a new version. Left out: the workflow's name, description, metadata and `ui`; of a node its position,
 * label and notes; of an edge its id and a label that is decoration. Neither the order of keys nor that of nodes and
 * edges counts.
 */
export function graphFingerprint(definition: Definition): string {
  const { nodes, edges, parameters_schema, timeout_seconds, on_failure } = definition;
  const selecting = new Set(
    nodes.filter((node) => descriptorOf(node.type).ports.length > 0).map(({ id }) => id),
  );
  const effectiveNodes = nodes.map(({ id, type, data }) => {
    const { label: _label, notes: _notes, ...effective } = data;
    return canonicalJson({ id, type, data: effective });
  });
  const effectiveEdges = edges.map(({ source, target, label }) =>
    canonicalJson([source, target, selecting.has(source) || label === ERROR_PORT ? (label ?? null) : null]),
  );
  return canonicalJson({
    nodes: effectiveNodes.sort(byText),
    edges: effectiveEdges.sort(byText),
    parameters_schema,
    timeout_seconds,
    on_failure,
  });
}
