import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@millrace/contracts';
import type { Tool } from '@modelcontextprotocol/client';
import { plainJson, visibleText } from '../bounded.js';
import { MAX_DESCRIPTION, MAX_SCHEMA_CHARACTERS, MAX_TOOL_NAME, MAX_TOOLS } from './limits.js';

export interface McpToolDescription {
  /** As the server calls and describes it. */
  readonly tool: Tool;
  /** As the model calls it: unique among all tools of all servers. */
  readonly modelName: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

export interface McpToolList {
  readonly tools: readonly McpToolDescription[];
  /** What was left out, by the server's name of it, and why. At most as many as tools. */
  readonly leftOut: ReadonlyMap<string, string>;
}

const MODEL_NAME = 64;

/** `<server>__<tool>`; what models may not say is replaced, and a mark of the real name keeps two such tools apart. */
export function modelNameOf(server: string, tool: string): string {
  const plain = `${server}__${tool}`;
  if (plain.length <= MODEL_NAME && /^[A-Za-z0-9_-]+$/.test(plain)) return plain;
  const mark = createHash('sha256').update(tool).digest('hex').slice(0, 8);
  return `${plain.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, MODEL_NAME - mark.length - 1)}_${mark}`;
}

function problemOf(name: string, schemaText: string): string | undefined {
  if (name === '' || name.length > MAX_TOOL_NAME)
    return `its name is empty or longer than ${MAX_TOOL_NAME} characters`;
  if (schemaText.length > MAX_SCHEMA_CHARACTERS)
    return `its input schema is longer than ${MAX_SCHEMA_CHARACTERS} characters`;
  return undefined;
}

/** What of a server's list agents get: allowed by the operator, bounded, each name once. */
export function usableTools(
  server: string,
  offered: readonly Tool[],
  allowed: readonly string[] | undefined,
): McpToolList {
  const tools = new Map<string, McpToolDescription>();
  const leftOut = new Map<string, string>();
  for (const tool of offered) {
    const { name, description = '', inputSchema } = tool;
    if (allowed !== undefined && !allowed.includes(name)) continue;
    if (tools.size >= MAX_TOOLS || leftOut.size >= MAX_TOOLS) break;
    const schema = plainJson(inputSchema);
    const modelName = modelNameOf(server, name);
    const problem = tools.has(modelName) ? 'another has its name' : problemOf(name, JSON.stringify(schema));
    if (problem !== undefined) leftOut.set(visibleText(name, MAX_TOOL_NAME), problem);
    else if (isJsonObject(schema)) {
      const text = visibleText(description, MAX_DESCRIPTION);
      tools.set(modelName, {
        tool,
        modelName,
        description: text,
        inputSchema: { ...schema, type: 'object' },
      });
    }
  }
  return { tools: [...tools.values()], leftOut };
}
