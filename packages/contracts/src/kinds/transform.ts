import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

export const transformConfiguration = z.strictObject({
  expression: z.string().min(1).max(100_000).describe('JSONata over the input; its result is the output'),
});

export const transformKind = {
  kind: 'transform',
  title: 'Transform',
  description: 'Evaluates a JSONata expression; its result is the output (null when it yields nothing).',
  configuration: transformConfiguration,
  purity: 'pure',
  ports: [],
  celFields: [],
  jsonataFields: ['expression'],
  example: { expression: '{"total": $sum(steps.load.output.rows.price)}' },
} as const satisfies StepKindDescriptor;
