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
