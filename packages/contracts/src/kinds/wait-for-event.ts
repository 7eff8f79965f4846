import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

export const waitForEventConfiguration = z.strictObject({
  name: z.string().min(1).max(200).describe('Name of the event, as it is sent to `POST /events`'),
  key: z.string().max(1_000).default('').describe('Only an event with this key; usually an expression'),
  timeout_seconds: z.number().positive().max(31_536_000).optional().describe('For ever without it'),
});

export const waitForEventKind = {
  kind: 'wait_for_event',
  title: 'Wait for event',
  description:
    'Waits for an event from outside; its payload is the output. Edges labelled "timeout" are followed when none came in time; without such an edge the step fails then.',
  configuration: waitForEventConfiguration,
  purity: 'effectful',
  ports: ['received', 'timeout'],
  defaultPort: 'received',
  celFields: [],
  jsonataFields: [],
  example: { name: 'payment.received', key: '{{ parameters.order_id }}', timeout_seconds: 86_400 },
} as const satisfies StepKindDescriptor;
