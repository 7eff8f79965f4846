import * as z from 'zod';
import { bodyField } from './body.js';
import type { StepKindDescriptor } from './descriptor.js';

const cel = z.string().min(1).max(10_000);

export const repeatConfiguration = z
  .strictObject({
    while: cel.optional().describe('CEL, asked before each iteration'),
    until: cel.optional().describe('CEL, asked after each iteration'),
    max_iterations: z.int().min(1).max(10_000).default(100),
    on_limit: z
      .enum(['fail', 'complete'])
      .default('fail')
      .describe('What happens when the condition still asks for more at the limit'),
    body: bodyField,
  })
  .refine((config) => config.while === undefined || config.until === undefined, {
    message: 'give "while" or "until", or neither to run "max_iterations" times',
  });

export const repeatKind = {
  kind: 'repeat',
  title: 'Repeat',
  description:
    'Runs its body again and again, up to a limit. Expressions see `index` and `previous`, the output of the iteration before; `until` also sees `output`. The output is {iterations, output}.',
  configuration: repeatConfiguration,
  purity: 'pure',
  ports: [],
  hasBody: true,
  celFields: ['while', 'until'],
  jsonataFields: [],
  example: {
    until: 'output.done == true',
    max_iterations: 20,
    body: { nodes: [{ id: 'poll', type: 'set', data: { config: { values: { done: '=index >= 3' } } } }] },
  },
} as const satisfies StepKindDescriptor;
