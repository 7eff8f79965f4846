import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

export const conditionConfiguration = z.strictObject({
  expression: z.string().min(1).max(10_000).describe('CEL that yields true or false'),
});

export const conditionKind = {
  kind: 'condition',
  title: 'Condition',
  description: 'Evaluates a CEL expression and follows the edges labelled "true" or "false".',
  configuration: conditionConfiguration,
  purity: 'pure',
  ports: ['true', 'false'],
  celFields: ['expression'],
  jsonataFields: [],
  example: { expression: 'parameters.amount > 100.0 && steps.check.output.ok' },
} as const satisfies StepKindDescriptor;
