import * as z from 'zod';
import { AGENT_CONFIGURATIONS } from '../agents.js';
import type { StepKindDescriptor } from './descriptor.js';

/** The union of all seven; which one applies follows from the node's `agent_type`. */
export const agentConfiguration = z.union(Object.values(AGENT_CONFIGURATIONS));

export const agentKind = {
  kind: 'agent',
  title: 'Agent',
  description: 'One of the seven agent types, run by the configured model provider.',
  configuration: agentConfiguration,
  purity: 'effectful',
  ports: [],
  celFields: [],
  jsonataFields: [],
  allowsSecrets: true,
  example: { reasoning_pattern: 'chain_of_thought' },
} as const satisfies StepKindDescriptor;
