import * as z from 'zod';
import { AGENT_TOOLS } from './agents.js';

/** Text in which `${NAME}` stands for a variable of the worker's environment. */
const referring = z.string().max(8_192);
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable');

const everyServer = {
  /** The only tools that agents may use; all that the server offers without it. */
  tools: z.array(z.string().min(1).max(128)).min(1).max(128).optional(),
  /** For the start of the server, and again for each call. */
  timeout_seconds: z.number().min(1).max(3_600).default(60),
};

/** A program that a worker starts and speaks to over its standard input and output. */
export const mcpStdioServer = z.strictObject({
  transport: z.literal('stdio'),
  command: z.string().min(1).max(4_096),
  args: z.array(referring).max(256).default([]),
  /** All that the program sees beside PATH, HOME and the like: nothing of the worker's environment comes by itself. */
  env: z.record(variableName, referring).default({}),
  cwd: z.string().min(1).max(4_096).optional(),
  ...everyServer,
});
export type McpStdioServer = z.infer<typeof mcpStdioServer>;

/** A server somewhere else, over streamable HTTP. */
export const mcpHttpServer = z.strictObject({
  transport: z.literal('http'),
  url: z
    .url({ protocol: /^https?$/, message: 'must be an http or https URL' })
    .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), 'must hold no password; use headers'),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'must be a header name'), referring)
    .default({}),
  ...everyServer,
});
export type McpHttpServer = z.infer<typeof mcpHttpServer>;

export const mcpServer = z.discriminatedUnion('transport', [mcpStdioServer, mcpHttpServer]);
export type McpServer = z.infer<typeof mcpServer>;

/** The servers that the operator allows, by the name that agents use. */
export const mcpServers = z.record(
  z
    .string()
    .regex(/^(?!.*(__|_$))[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be at most 32 of A-Z, a-z, 0-9, "_" and "-"'),
  mcpServer,
);
export type McpServers = z.infer<typeof mcpServers>;

/** What an agent's `tools` may name. What a server really offers is known to workers only, when they ask it. */
export const toolResource = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('built_in'), name: z.enum(AGENT_TOOLS), description: z.string() }),
    z.object({
      type: z.literal('mcp_server'),
      name: z.string().describe('mcp:<server>: every tool that the server offers and the operator allows'),
      transport: z.enum(['stdio', 'http']),
      tools: z
        .array(z.string())
        .nullable()
        .describe('mcp:<server>/<tool>, where the operator allows these only; null where all are allowed'),
    }),
  ])
  .meta({ id: 'Tool' });
export type ToolResource = z.infer<typeof toolResource>;

export const TOOL_DESCRIPTIONS: Readonly<Record<(typeof AGENT_TOOLS)[number], string>> = {
  http: 'Requests an address, under the guard that every request of a workflow is under.',
  code: 'Runs JavaScript in a sandbox without network, files or clock.',
  context: 'Looks up parameters of the workflow and outputs of earlier steps.',
};
