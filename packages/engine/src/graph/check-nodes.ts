import { descriptorOf, portsOf, type GraphDefinition, type JsonValue } from '@millrace/contracts';
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

/** Rules G1, G2, G10 and G18: nodes by themselves. `seen` holds the ids of the whole workflow so far. */
export function checkNodes(source: GraphDefinition, seen: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const report = (
    code: Problem['code'],
    category: Problem['category'],
    message: string,
    position: number,
    ...loc: string[]
  ): void => {
    const id = source.nodes[position]?.id ?? '';
    problems.push({ category, code, message, nodeIds: [id], loc: ['nodes', position, ...loc] });
  };
  if (source.nodes.length === 0) {
    const message = 'the workflow has no nodes';
    problems.push({ category: 'structure', code: 'no_nodes', message, nodeIds: [], loc: ['nodes'] });
  }
  source.nodes.forEach((node, position) => {
    if (seen.has(node.id)) {
      report('duplicate_id', 'structure', `the node id "${node.id}" is used more than once`, position, 'id');
    }
    seen.add(node.id);
    const ports = portsOf(node.type, node.data.config);
    const pinned = node.data.pinned_output;
    if (pinned !== undefined && ports.length > 0 && pinnedBranch(ports, pinned) === null) {
      const message = `node "${node.id}": the pinned output of a ${node.type} selects one of ${ports.join(', ')}`;
      report('invalid_pinned_output', 'configuration', message, position, 'data', 'pinned_output');
    }
    const attempts = node.data.retry?.max_attempts ?? 1;
    if (descriptorOf(node.type).hasBody === true && attempts > 1) {
      const message = `node "${node.id}": a ${node.type} is not retried as a whole; give the steps of its body a retry policy`;
      report('retry_of_body', 'configuration', message, position, 'data', 'retry');
    }
  });
  return problems;
}
