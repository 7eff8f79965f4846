import type { DefinitionInput } from '@millrace/contracts';

export const STEPS = 10;
/** queued, started, two for each step, completed. */
export const EVENTS = 2 + 2 * STEPS + 1;

type Node = DefinitionInput['nodes'][number];

/** What is run: `pure` steps need no commit of their own, `effectful` ones start only after everything before them. */
export type Work = 'pure' | 'effectful';

function chain(name: string, nodeAt: (index: number) => Node): DefinitionInput {
  return {
    name,
    nodes: Array.from({ length: STEPS }, (_, index) => nodeAt(index)),
    edges: Array.from({ length: STEPS - 1 }, (_, index) => ({
      source: `step_${index}`,
      target: `step_${index + 1}`,
    })),
  };
}

/** Sets values from the parameters and reads them back, in turn: an expression in every step. */
function pureNode(index: number): Node {
  const id = `step_${index}`;
  if (index % 2 === 1) {
    return { id, type: 'transform', data: { config: { expression: `steps.step_${index - 1}.output` } } };
  }
  return { id, type: 'set', data: { config: { values: { order: '=parameters.order', index } } } };
}

export function pureWorkflow(): DefinitionInput {
  return chain('Ten pure steps', pureNode);
}

export function effectfulWorkflow(url: string): DefinitionInput {
  return chain('Ten requests', (index) => ({
    id: `step_${index}`,
    type: 'http_request',
    data: { config: { method: 'GET', url } },
  }));
}

export function parametersOf(index: number): { order: number; customer: string } {
  return { order: index, customer: 'a name of usual length' };
}
