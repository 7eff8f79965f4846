/**
 * A real MCP server over streamable HTTP with sessions, at `/mcp`. `DELETE /sessions` forgets all of them, `GET
 * /sessions` counts them, `POST /refuse {status}` lets every later request to `/mcp` fail, `GET /headers` shows those of the last one.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import * as z from 'zod';
import { listenLocally, readText, sendJson } from './listen.js';
import { createTestServer } from './mcp-tools.js';
import { announce } from './process.js';

const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
let refusal: number | undefined;
let seen: IncomingMessage['headers'] = {};

async function newSession(): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
    onsessionclosed: (id) => {
      sessions.delete(id);
    },
  });
  await createTestServer().connect(transport);
  return transport;
}

async function serveMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
  seen = request.headers;
  if (refusal !== undefined) return sendJson(response, refusal, { error: 'refused' });
  const id = request.headers['mcp-session-id'];
  const transport = typeof id === 'string' ? sessions.get(id) : await newSession();
  if (transport === undefined) {
    const error = { code: -32_001, message: 'Session not found' };
    return sendJson(response, 404, { jsonrpc: '2.0', id: null, error });
  }
  await transport.handleRequest(request, response);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  if (url === '/mcp') return serveMcp(request, response);
  switch (`${method} ${url}`) {
    case 'GET /sessions':
      return sendJson(response, 200, sessions.size);
    case 'DELETE /sessions':
      sessions.clear();
      return sendJson(response, 200, 0);
    case 'GET /headers':
      return sendJson(response, 200, seen);
    case 'POST /refuse':
      refusal = z.object({ status: z.int().optional() }).parse(JSON.parse(await readText(request))).status;
      return sendJson(response, 200, {});
    default:
      return sendJson(response, 404, {});
  }
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy());
});
announce(await listenLocally(server));
