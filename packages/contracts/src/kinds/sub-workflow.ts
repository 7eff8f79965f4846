import * as z from 'zod';
import { jsonObject } from '../json.js';
import type { StepKindDescriptor } from './descriptor.js';

export const subWorkflowConfiguration = z.strictObject({
  workflow_id: z.string().min(1).max(1_000).describe('A workflow that the owner of this one may execute'),
  version: z.int().min(1).optional().describe('The newest when the step starts, without it'),
  parameters: z.union([jsonObject, z.string()]).default({}).describe('An object, or an expression for one'),
  mode: z
    .enum(['wait', 'detached'])
    .default('wait')
    .describe('`detached`: the step completes at once with `{execution_id}`'),
});

export const subWorkflowKind = {
  kind: 'sub_workflow',
  title: 'Sub-workflow',
  description:
    'Executes another workflow. Its output becomes the output of the step, its failure the error; cancelling this execution cancels it.',
  configuration: subWorkflowConfiguration,
  purity: 'effectful',
  ports: [],
  celFields: [],
  jsonataFields: [],
  example: { workflow_id: 'send-invoice', parameters: { order: '=parameters.order_id' } },
} as const satisfies StepKindDescriptor;
