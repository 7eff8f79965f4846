import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

export const codeLanguage = z.enum(['javascript', 'typescript']);
export type CodeLanguage = z.infer<typeof codeLanguage>;

export const codeConfiguration = z.strictObject({
  language: codeLanguage.default('javascript'),
  source: z
    .string()
    .min(1)
    .max(200_000)
    .describe('The body of an async function of (input, context), or a module with a default export'),
  timeout_seconds: z.number().positive().max(300).default(5),
  memory_mb: z.int().min(8).max(512).default(64),
});

export const codeKind = {
  kind: 'code',
  title: 'Code',
  description: 'Runs JavaScript or TypeScript in a sandbox; what it returns is the output.',
  configuration: codeConfiguration,
  purity: 'pure',
  ports: [],
  celFields: [],
  jsonataFields: [],
  literalFields: ['source'],
  example: { source: 'return { total: input.rows.reduce((sum, row) => sum + row.price, 0) };' },
} as const satisfies StepKindDescriptor;
