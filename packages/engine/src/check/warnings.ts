import { bodyOf, type Definition, type GraphDefinition } from '@millrace/contracts';
import type { Loc } from '../graph/config-paths.js';
import { fieldOf, type DefinitionProblem } from './problem.js';

/** What is allowed and yet seldom meant (rule G20). Of a definition that compiles. */
export function definitionWarnings(definition: Definition): DefinitionProblem[] {
  const { on_failure } = definition;
  return [...warningsOf(definition, []), ...(on_failure ? warningsOf(on_failure, ['on_failure']) : [])];
}

function warningsOf(graph: GraphDefinition, loc: Loc): DefinitionProblem[] {
  const connected = new Set(graph.edges.flatMap(({ source, target }) => [source, target]));
  return graph.nodes.flatMap((node, position) => {
    const place = [...loc, 'nodes', position];
    const body = bodyOf(node);
    const inner = body === undefined ? [] : warningsOf(body, [...place, 'data', 'config', 'body']);
    if (connected.has(node.id) || graph.nodes.length === 1) return inner;
    const warning: DefinitionProblem = {
      severity: 'warning',
      category: 'structure',
      code: 'disconnected_step',
      message: `node "${node.id}" is connected to no other: it runs at once, and its output is one of several in the result`,
      loc: place,
      nodeIds: [node.id],
      field: fieldOf(place),
    };
    return [warning, ...inner];
  });
}
