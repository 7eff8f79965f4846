import {
  AGENT_CONFIGURATIONS,
  AGENT_DESCRIPTIONS,
  AGENT_TOOLS,
  AGENT_TYPES,
  type JsonObject,
  jsonObject,
  jsonValue,
  type McpServers,
  STEP_KINDS,
  type StepKindDescriptor,
  TOOL_DESCRIPTIONS,
  type ToolResource,
} from '@millrace/contracts';
import * as z from 'zod';
import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';

/** What a workflow can be built of. Made once: it does not change while the process runs. */
export function catalogueHandlers({
  mcpServers,
}: Pick<GatewayContext, 'mcpServers'>): Handlers<'listAgents' | 'listStepKinds' | 'listTools'> {
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
  const tools = [...builtInTools(), ...serverTools(mcpServers)];
  return {
    listAgents: () => ({ status: 200, body: agents }),
    listStepKinds: () => ({ status: 200, body: kinds }),
    listTools: () => ({ status: 200, body: tools }),
  };
}

function builtInTools(): ToolResource[] {
  return AGENT_TOOLS.map((name) => ({ type: 'built_in', name, description: TOOL_DESCRIPTIONS[name] }));
}

/** Names only: commands, addresses and headers are the operator's. */
function serverTools(servers: McpServers): ToolResource[] {
  return Object.entries(servers).map(([server, { transport, tools }]) => {
    const name = `mcp:${server}`;
    return { type: 'mcp_server', name, transport, tools: tools?.map((tool) => `${name}/${tool}`) ?? null };
  });
}

/** The schema of what an author writes, so defaults may be left out. */
function toJsonSchema(schema: z.ZodType): JsonObject {
  return jsonObject.parse(z.toJSONSchema(schema, { io: 'input' }));
}
