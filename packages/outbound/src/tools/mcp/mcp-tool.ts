import { isJsonObject } from '@millrace/contracts';
import { aborted, refused } from '../failures.js';
import type { AgentTool } from '../types.js';
import type { McpClient } from './server.js';
import type { McpToolDescription } from './tool-list.js';

/** A tool of a server, as an agent calls it. The server checks the input, for it knows what its schema means. */
export function createMcpTool(
  client: McpClient,
  { tool, modelName, description, inputSchema }: McpToolDescription,
): AgentTool {
  return {
    ...{ name: modelName, description, inputSchema },
    async run(input, context) {
      if (context.signal.aborted) return aborted();
      const given = input ?? {};
      if (!isJsonObject(given)) return refused('tool_input_invalid', `"${modelName}" takes an object`);
      return client.call(tool, given, context);
    },
  };
}
