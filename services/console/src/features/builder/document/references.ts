import type { JsonObject, JsonValue, Node } from '@millrace/contracts';
import type { StepGraph } from './document';
import { asBody, bodyGraph } from './read';
import { hasBody } from './scope';

/** New ids of steps, by the old ones. */
export type NewIds = ReadonlyMap<string, string>;

/** A graph whose steps have other ids, wherever they are named: in edges, in bodies, and in expressions as `steps.<id>`. */
export const withNewIds = ({ nodes, edges }: StepGraph, ids: NewIds): StepGraph => ({
  nodes: nodes.map((node) => nodeWithNewIds(node, ids)),
  edges: edges.map((edge) => ({
    ...edge,
    source: ids.get(edge.source) ?? edge.source,
    target: ids.get(edge.target) ?? edge.target,
  })),
});

function nodeWithNewIds(node: Node, ids: NewIds): Node {
  const { config, input } = node.data;
  const { body, ...own } = config;
  const inner = body !== undefined && hasBody(node) ? asBody(withNewIds(bodyGraph(node), ids)) : body;
  const data = {
    ...node.data,
    config: { ...rewrittenObject(own, ids), ...(inner !== undefined && { body: inner }) },
    ...(input !== undefined && { input: rewritten(input, ids) }),
  };
  return { ...node, id: ids.get(node.id) ?? node.id, data };
}

const rewrittenObject = (value: JsonObject, ids: NewIds): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewritten(inner, ids)]));

function rewritten(value: JsonValue, ids: NewIds): JsonValue {
  if (typeof value === 'string') return inText(value, ids);
  if (Array.isArray(value)) return value.map((item) => rewritten(item, ids));
  return typeof value === 'object' && value !== null ? rewrittenObject(value, ids) : value;
}

/** `steps.id`, or `steps["id"]`, which ids with a dash need. */
const REFERENCE = /\bsteps(?:\.([A-Za-z_]\w*)|\[(["'])([A-Za-z0-9_-]+)\2\])/g;

const inText = (text: string, ids: NewIds): string =>
  text.replace(REFERENCE, (whole, dotted: string | undefined, _quote, quoted: string | undefined) => {
    const to = ids.get(dotted ?? quoted ?? '');
    if (to === undefined) return whole;
    return /^[A-Za-z_]\w*$/.test(to) ? `steps.${to}` : `steps["${to}"]`;
  });
