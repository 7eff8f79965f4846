import { readFileSync } from 'node:fs';
import { type McpServers, mcpServers } from '@millrace/contracts';
import * as z from 'zod';

interface Source {
  readonly MCP_SERVERS?: string | undefined;
  readonly MCP_SERVERS_FILE?: string | undefined;
}

const MAX_BYTES = 1_048_576;

/** The servers of either variable, none without both. Findings go to the variable they were written in, without values. */
export function readMcpServers(source: Source, context: z.RefinementCtx): McpServers {
  const { MCP_SERVERS: text, MCP_SERVERS_FILE: file } = source;
  const refuse = (variable: keyof Source, message: string): McpServers => {
    context.addIssue({ code: 'custom', path: [variable], message });
    return {};
  };
  if (text !== undefined && file !== undefined)
    return refuse('MCP_SERVERS_FILE', 'cannot be set beside MCP_SERVERS');
  if (file === undefined) return text === undefined ? {} : parse('MCP_SERVERS', text, refuse);
  const content = readText(file);
  return content === undefined
    ? refuse('MCP_SERVERS_FILE', `names a file that cannot be read, or is larger than ${MAX_BYTES} bytes`)
    : parse('MCP_SERVERS_FILE', content, refuse);
}

function readText(file: string): string | undefined {
  try {
    const content = readFileSync(file, 'utf8');
    return content.length > MAX_BYTES ? undefined : content;
  } catch {
    return undefined;
  }
}

function parse(
  variable: keyof Source,
  text: string,
  refuse: (variable: keyof Source, message: string) => McpServers,
): McpServers {
  const result = z.preprocess(parseJson, mcpServers).safeParse(text);
  if (result.success) return result.data;
  // Messages of the parser quote what they read, which may hold a password; where and what is enough.
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `.${issue.path.map(String).join('.')}`;
  if (where === '')
    return refuse(variable, 'must be a JSON object of servers by name, as in docs/operations.md');
  const inner = issue?.code === 'invalid_key' ? issue.issues[0] : issue;
  return refuse(variable, `is wrong at ${where}: ${inner?.message ?? ''}`);
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
