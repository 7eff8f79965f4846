import type { DefinitionInput } from '@millrace/contracts';

/** Completes at once. */
export const GREETING: DefinitionInput = {
  name: 'Greeting',
  nodes: [
    { id: 'greet', type: 'set', data: { config: { values: { text: '="Hello " & parameters.name' } } } },
    {
      id: 'shout',
      type: 'transform',
      data: { config: { expression: '$uppercase(steps.greet.output.text)' } },
    },
  ],
  edges: [{ source: 'greet', target: 'shout' }],
  metadata: { tags: ['greeting'] },
};

/** Fails at once and in every execution for the same cause. */
export const FAILING: DefinitionInput = {
  name: 'Failing',
  nodes: [{ id: 'sum', type: 'transform', data: { config: { expression: '1 + "one"' } } }],
};

/** Three in a row, with places. */
export const ROW: DefinitionInput = {
  name: 'Row',
  nodes: [
    { id: 'first', type: 'set', position: { x: 0, y: 0 }, data: { config: { values: { n: 1 } } } },
    { id: 'second', type: 'delay', position: { x: 352, y: 0 }, data: { config: { seconds: 1 } } },
    { id: 'third', type: 'transform', position: { x: 704, y: 0 }, data: { config: { expression: '$' } } },
  ],
  edges: [
    { id: 'edge_1', source: 'first', target: 'second' },
    { id: 'edge_2', source: 'second', target: 'third' },
  ],
};
