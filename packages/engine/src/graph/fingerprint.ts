import { bodyOf, portsOf, type Definition, type GraphDefinition, type Node } from '@millrace/contracts';
import { canonicalJson } from '../expressions/json.js';
import { ERROR_PORT } from './check-edges.js';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface FingerprintOptions {
  /** Of what is tested, where pinned outputs stand in for steps (rule P4). */
  readonly withPins?: boolean;
}

/**
 * A text that is equal for two definitions exactly when they execute alike (rule G13): hash it to know whether an
 * update makes a new version. Left out: the workflow's name, description, metadata and `ui`; of a node its position,
 * label, notes and pinned output; of an edge its id and a label that is decoration. Neither the order of keys nor that
 * of nodes and edges counts.
 */
export function graphFingerprint(
  definition: Definition,
  { withPins = false }: FingerprintOptions = {},
): string {
  const { parameters_schema, timeout_seconds, on_failure, budget } = definition;
  return canonicalJson({
    ...effective(definition, withPins),
    parameters_schema,
    timeout_seconds,
    on_failure: on_failure && {
      ...effective(on_failure, withPins),
      timeout_seconds: on_failure.timeout_seconds,
    },
    budget,
  });
}

function effective(
  { nodes, edges }: GraphDefinition,
  withPins: boolean,
): { nodes: string[]; edges: string[] } {
  const selecting = new Set(
    nodes.filter(({ type, data }) => portsOf(type, data.config).length > 0).map(({ id }) => id),
  );
  const effectiveEdges = edges.map(({ source, target, label }) =>
    canonicalJson([source, target, selecting.has(source) || label === ERROR_PORT ? (label ?? null) : null]),
  );
  return {
    nodes: nodes.map((node) => nodeFingerprint(node, withPins)).sort(byText),
    edges: effectiveEdges.sort(byText),
  };
}

/** What of a node decides how it executes, the graph of its body included, but not where it stands in its own. */
function nodeFingerprint(node: Node, withPins: boolean): string {
  const { label: _label, notes: _notes, pinned_output, ...data } = node.data;
  const body = bodyOf(node);
  const config = body === undefined ? data.config : { ...data.config, body: effective(body, withPins) };
  return canonicalJson({
    id: node.id,
    type: node.type,
    data: { ...data, config, ...(withPins && { pinned_output }) },
  });
}
