import * as z from 'zod';
import { jsonObject } from '../json.js';
import type { StepKindDescriptor } from './descriptor.js';

export const setConfiguration = z.strictObject({
  values: jsonObject.describe('The output, key by key; strings may be expressions'),
});

export const setKind = {
  kind: 'set',
  title: 'Set values',
  description: 'Outputs the given values; strings that begin with "=" or hold {{ }} are expressions.',
  configuration: setConfiguration,
  purity: 'pure',
  ports: [],
  celFields: [],
  jsonataFields: [],
  example: { values: { greeting: 'Hello {{ parameters.name }}', total: '=$sum(steps.load.output.prices)' } },
} as const satisfies StepKindDescriptor;
