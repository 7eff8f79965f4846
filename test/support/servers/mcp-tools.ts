/** The well-behaved tools of the MCP servers of the tests, made with the official SDK. */
import { setTimeout as pause } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

export function createTestServer(): McpServer {
  const server = new McpServer(
    { name: 'millrace-tests', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  );
  server.registerTool(
    'echo',
    { description: 'Repeats a text', inputSchema: z.object({ text: z.string() }) },
    ({ text: words }) => text(words),
  );
  server.registerTool(
    'word_count',
    { description: 'Counts the words of a text', inputSchema: z.object({ text: z.string() }) },
    ({ text: words }) => text(String(words.split(/\s+/).filter((word) => word !== '').length)),
  );
  server.registerTool(
    'slow',
    { description: 'Answers after a while', inputSchema: z.object({ ms: z.number() }) },
    async ({ ms }, { mcpReq }) => {
      await pause(ms, undefined, { signal: mcpReq.signal });
      return text('at last');
    },
  );
  server.registerTool('fail', { description: 'Always fails', inputSchema: z.object({}) }, () => ({
    ...text('it did not work'),
    isError: true,
  }));
  server.registerTool(
    'huge',
    { description: 'Answers with a long text', inputSchema: z.object({ bytes: z.number() }) },
    ({ bytes }) => text('x'.repeat(bytes)),
  );
  server.registerTool(
    'environment',
    { description: 'Names the variables it sees', inputSchema: z.object({}) },
    () => text(JSON.stringify(process.env)),
  );
  server.registerTool('process_id', { description: 'Says who it is', inputSchema: z.object({}) }, () =>
    text(String(process.pid)),
  );
  server.registerTool(
    'grow',
    { description: 'Adds one more tool', inputSchema: z.object({ name: z.string() }) },
    ({ name }) => {
      server.registerTool(name, { description: 'Grown', inputSchema: z.object({}) }, () => text(name));
      return text('grown');
    },
  );
  return server;
}
