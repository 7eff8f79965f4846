import { descriptorOf, type Definition, type JsonValue } from '@millrace/contracts';
import type { Problem } from './plan.js';

/** The port that a pinned output selects: itself (`true`, `"true"`), or its `branch` or `result`. Null when none. */
export function pinnedBranch(ports: readonly string[], output: JsonValue): string | null {
  const isObject = typeof output === 'object' && output !== null && !Array.isArray(output);
  const candidates = isObject ? [output['branch'], output['result']] : [output];
  for (const candidate of candidates) {
    const port = typeof candidate === 'boolean' ? String(candidate) : candidate;
    if (typeof port === 'string' && ports.includes(port)) return port;
  }
  return null;
}

/** Rules G1, G2 and G10: nodes by themselves. */
export function checkNodes(definition: Definition): Problem[] {
  const problems: Problem[] = [];
  if (definition.nodes.length === 0) {
    problems.push({
      category: 'structure',
      code: 'no_nodes',
      message: 'the workflow has no nodes',
      nodeIds: [],
      loc: ['nodes'],
    });
  }
  const seen = new Set<string>();
  definition.nodes.forEach((node, position) => {
    if (seen.has(node.id)) {
      problems.push({
        category: 'structure',
        code: 'duplicate_id',
        message: `the node id "${node.id}" is used more than once`,
        nodeIds: [node.id],
        loc: ['nodes', position, 'id'],
      });
    }
    seen.add(node.id);
    const { ports } = descriptorOf(node.type);
    const pinned = node.data.pinned_output;
    if (pinned !== undefined && ports.length > 0 && pinnedBranch(ports, pinned) === null) {
      problems.push({
        category: 'configuration',
        code: 'invalid_pinned_output',
        message: `node "${node.id}": the pinned output of a ${node.type} selects one of ${ports.join(', ')}`,
        nodeIds: [node.id],
        loc: ['nodes', position, 'data', 'pinned_output'],
      });
    }
  });
  return problems;
}
