import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

const YEAR_SECONDS = 366 * 86_400;
const expression = z.string().min(1).max(10_000);

export const delayConfiguration = z
  .strictObject({
    seconds: z.union([z.number().min(0).max(YEAR_SECONDS), expression]).optional(),
    until: z
      .union([z.iso.datetime({ offset: true }), expression])
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
