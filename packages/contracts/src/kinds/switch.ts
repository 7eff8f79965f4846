import * as z from 'zod';
import { jsonValue, type JsonObject } from '../json.js';
import type { StepKindDescriptor } from './descriptor.js';

const cel = z.string().min(1).max(10_000);

const switchCase = z.strictObject({
  label: z
    .string()
    .min(1)
    .max(64)
    .refine((label) => label !== 'default' && label !== 'error', 'must not be "default" or "error"')
    .describe('What an edge out of this case is labelled'),
  when: cel.optional().describe('CEL that yields true or false'),
  equals: jsonValue.optional().describe('What `expression` has to yield; the label itself without it'),
});

export const switchConfiguration = z
  .strictObject({
    expression: cel.optional().describe('CEL; its value is compared with each case'),
    cases: z.array(switchCase).min(1).max(100),
  })
  .superRefine(({ expression, cases }, context) => {
    const seen = new Set<string>();
    cases.forEach(({ label, when, equals }, index) => {
      const refuse = (field: string, message: string): void => {
        context.addIssue({ code: 'custom', path: ['cases', index, field], message });
      };
      if (seen.has(label)) refuse('label', `the label "${label}" is used more than once`);
      seen.add(label);
      if (expression !== undefined && when !== undefined) {
        refuse('when', 'with "expression" a case has "equals" (or nothing), without it "when"');
      }
      if (expression === undefined && when === undefined) {
        refuse('when', 'is needed where there is no "expression"');
      }
      if (expression === undefined && equals !== undefined) refuse('equals', 'needs "expression"');
    });
  });

function labelsOf({ cases }: JsonObject): string[] {
  const parsed = z.array(z.object({ label: z.string() })).safeParse(cases);
  return parsed.success ? parsed.data.map(({ label }) => label) : [];
}

export const switchKind = {
  kind: 'switch',
  title: 'Switch',
  description:
    'Follows the edges labelled with the first case that fits, or those labelled "default". The output is {branch, value}.',
  configuration: switchConfiguration,
  purity: 'pure',
  ports: ['default'],
  configuredPorts: labelsOf,
  celFields: ['expression', 'cases.*.when'],
  jsonataFields: [],
  example: {
    expression: 'steps.classify.output.kind',
    cases: [{ label: 'invoice' }, { label: 'refund', equals: 'credit_note' }],
  },
} as const satisfies StepKindDescriptor;
