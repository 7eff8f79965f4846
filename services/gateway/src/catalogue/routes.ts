import {
  AGENT_CONFIGURATIONS,
  AGENT_DESCRIPTIONS,
  AGENT_TYPES,
  type JsonObject,
  jsonObject,
  jsonValue,
  STEP_KINDS,
  type StepKindDescriptor,
} from '@millrace/contracts';
import * as z from 'zod';
import type { Handlers } from '../http/route.js';

/** What a workflow can be built of. Made once: it does not change while the process runs. */
export function catalogueHandlers(): Handlers<'listAgents' | 'listStepKinds'> {
  const agents = AGENT_TYPES.map((type) => ({
    agent_type: type,
    ...AGENT_DESCRIPTIONS[type],
    config_schema: toJsonSchema(AGENT_CONFIGURATIONS[type]),
  }));
  const kinds = Object.values(STEP_KINDS).map((descriptor: StepKindDescriptor) => ({
    kind: descriptor.kind,
    title: descriptor.title,
    description: descriptor.description,
    purity: descriptor.purity,
    ports: [...descriptor.ports],
    config_schema: toJsonSchema(descriptor.configuration),
    example: jsonValue.parse(descriptor.example),
  }));
  return {
    listAgents: () => ({ status: 200, body: agents }),
    listStepKinds: () => ({ status: 200, body: kinds }),
  };
}

/** The schema of what an author writes, so defaults may be left out. */
function toJsonSchema(schema: z.ZodType): JsonObject {
  return jsonObject.parse(z.toJSONSchema(schema, { io: 'input' }));
}
