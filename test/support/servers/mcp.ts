import { fileURLToPath } from 'node:url';
import type { McpServer } from '@millrace/contracts';
import { type ServerProcess, startServerProcess, TYPESCRIPT_ARGUMENTS } from './process.js';

type Stdio = Extract<McpServer, { transport: 'stdio' }>;

function stdio(script: string, args: readonly string[], more: Partial<Stdio>): Stdio {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return {
    transport: 'stdio',
    command: process.execPath,
    args: [...TYPESCRIPT_ARGUMENTS, file, ...args],
    env: {},
    timeout_seconds: 20,
    ...more,
  };
}

/** Configuration of a well-behaved server (`add`, `echo`, `word_count`, `slow`, `fail`, `huge`, …) as a program. */
export const stdioServer = (args: readonly string[] = [], more: Partial<Stdio> = {}): Stdio =>
  stdio('./mcp-stdio-server.ts', args, more);

/** Configuration of a program that misbehaves in one way; see its `switch`es. */
export const hostileServer = (way: string, more: Partial<Stdio> = {}): Stdio =>
  stdio('./mcp-hostile-server.ts', [way], more);

export interface McpHttpTestServer extends ServerProcess {
  /** For the configuration. */
  readonly url: string;
  sessions(): Promise<number>;
  forgetSessions(): Promise<void>;
  /** Every later request to the server gets this status; undefined ends it. */
  refuse(status?: number): Promise<void>;
  /** Of the last request. */
  headers(): Promise<Record<string, unknown>>;
}

/** The same tools over streamable HTTP, in a process of its own that ends with this one. */
export async function startMcpHttpServer(): Promise<McpHttpTestServer> {
  const server = await startServerProcess('./mcp-http-server.ts');
  const call = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${server.origin}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const json = async <T>(response: Promise<Response>, read: (value: unknown) => T): Promise<T> =>
    read(await (await response).json());
  return {
    ...server,
    url: `${server.origin}/mcp`,
    sessions: () => json(call('GET', '/sessions'), Number),
    async forgetSessions() {
      await call('DELETE', '/sessions');
    },
    async refuse(status) {
      await call('POST', '/refuse', { status });
    },
    headers: () => json(call('GET', '/headers'), (value) => ({ ...(value ?? {}) })),
  };
}
