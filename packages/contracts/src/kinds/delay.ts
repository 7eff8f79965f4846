import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

const YEAR_SECONDS = 366 * 86_400;
const expression = z
  .string()
  .max(10_000)
  .regex(/^=|\{\{/);
const numeral = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/);

export const delayConfiguration = z
  .strictObject({
    seconds: z
      .union([z.number().min(0).max(YEAR_SECONDS), numeral, expression], {
        error: `must be a number of seconds from 0 to ${YEAR_SECONDS}, or an expression such as "=parameters.seconds"`,
      })
      .optional(),
    until: z
      .union([z.iso.datetime({ offset: true }), expression], {
        error: 'must be an RFC 3339 time, or an expression such as "=parameters.until"',
      })
      .optional()
      .describe('RFC 3339, or an expression that yields it'),
  })
  .refine((config) => (config.seconds === undefined) !== (config.until === undefined), {
    message: 'give either "seconds" or "until"',
  });

export const delayKind = {
  kind: 'delay',
  title: 'Delay',
  description: 'Waits for a duration or until a moment; the worker is free meanwhile.',
  configuration: delayConfiguration,
  purity: 'effectful',
  ports: [],
  celFields: [],
  jsonataFields: [],
  example: { seconds: 60 },
} as const satisfies StepKindDescriptor;
