import type { ExecutionError } from '@millrace/contracts';
import type { GuardedHttp } from '../http/types.js';
import { boundText } from './bounded.js';
import { type CodeRunner, createCodeTool } from './code-tool.js';
import { createContextTool, type ToolScope } from './context-tool.js';
import { toolError } from './failures.js';
import { createHttpTool } from './http-tool.js';
import { createMcpTool } from './mcp/mcp-tool.js';
import type { McpClients } from './mcp/servers.js';
import type { AgentTool } from './types.js';

export interface ToolboxOptions {
  readonly http: GuardedHttp;
  /** Of the tool `http`; GET and HEAD. */
  readonly httpMethods?: readonly string[] | undefined;
  /** Without one, agents have no `code`. */
  readonly code?: CodeRunner | undefined;
  readonly mcp?: McpClients | undefined;
}

export interface ToolboxStep {
  readonly scope: ToolScope;
  readonly signal: AbortSignal;
}

export type ToolSelection =
  | { readonly ok: true; readonly tools: readonly AgentTool[] }
  | { readonly ok: false; readonly error: ExecutionError };

export interface Toolbox {
  /**
   * The tools of an agent's configuration (`http`, `code`, `context`, `mcp:<server>`, `mcp:<server>/<tool>`), each
   * name once. Servers that are needed are started and asked what they offer. Never rejects; an error is the step's.
   */
  forStep(names: readonly string[], step: ToolboxStep): Promise<ToolSelection>;
}

/** As many as providers take in one request. */
const MAX_TOOLS = 128;

function missing(message: string, code: 'tool_unknown' | 'tool_unavailable' = 'tool_unknown'): ToolSelection {
  return { ok: false, error: toolError(code, message) };
}

export function createToolbox({ http, httpMethods, code, mcp }: ToolboxOptions): Toolbox {
  const httpTool = createHttpTool({ http, methods: httpMethods });
  const codeTool = code && createCodeTool(code);

  async function fromServer(reference: string, signal: AbortSignal): Promise<ToolSelection> {
    const [server = '', ...rest] = reference.split('/');
    const wanted = rest.length === 0 ? undefined : rest.join('/');
    const client = mcp?.get(server);
    if (client === undefined) {
      const there =
        mcp === undefined || mcp.names.length === 0 ? 'there is none' : `there are ${mcp.names.join(', ')}`;
      return missing(`The operator has configured no MCP server "${server}"; ${there}`);
    }
    const answer = await client.list(signal);
    if (!answer.ok) return answer;
    const { tools, leftOut } = answer.list;
    const chosen = wanted === undefined ? tools : tools.filter(({ tool }) => tool.name === wanted);
    if (wanted !== undefined && chosen.length === 0) {
      const reason = leftOut.get(wanted);
      if (reason !== undefined)
        return missing(
          `The tool "${wanted}" of the MCP server "${server}" cannot be used: ${reason}`,
          'tool_unavailable',
        );
      const names = boundText(tools.map(({ tool }) => tool.name).join(', '), 500);
      return missing(
        `The MCP server "${server}" offers agents no tool "${wanted}"; it offers ${names || 'none'}`,
      );
    }
    return { ok: true, tools: chosen.map((description) => createMcpTool(client, description)) };
  }

  async function find(name: string, { scope, signal }: ToolboxStep): Promise<ToolSelection> {
    if (name.startsWith('mcp:')) return await fromServer(name.slice('mcp:'.length), signal);
    switch (name) {
      case 'http':
        return { ok: true, tools: [httpTool] };
      case 'context':
        return { ok: true, tools: [createContextTool(scope)] };
      case 'code':
        return codeTool === undefined
          ? missing('This worker runs no code for agents', 'tool_unavailable')
          : { ok: true, tools: [codeTool] };
      default:
        return missing(
          `There is no tool "${boundText(name, 200)}"; there are http, code, context and mcp:<server>`,
        );
    }
  }

  return {
    async forStep(names, step) {
      const selections = await Promise.all([...new Set(names)].map((name) => find(name, step)));
      const chosen = new Map<string, AgentTool>();
      for (const selection of selections) {
        if (!selection.ok) return selection;
        for (const tool of selection.tools) chosen.set(tool.name, tool);
      }
      if (chosen.size > MAX_TOOLS)
        return missing(
          `${chosen.size} tools are more than the ${MAX_TOOLS} an agent can have; name the ones it needs`,
        );
      return { ok: true, tools: [...chosen.values()] };
    },
  };
}
