import type { McpServers } from '@millrace/contracts';
import { resolveReferences } from './references.js';
import { createMcpClient, type McpClient, type McpLog } from './server.js';

export interface McpOptions {
  readonly servers: McpServers;
  /** What `${NAME}` in the configuration refers to. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the platform; servers are told. */
  readonly version: string;
  readonly log: McpLog;
  /** A server that nobody called for so long is ended; five minutes. */
  readonly idleMs?: number | undefined;
}

export interface McpClients {
  readonly names: readonly string[];
  get(name: string): McpClient | undefined;
  /** Ends every program and session. Twice is once. */
  stop(): Promise<void>;
}

/**
 * The servers of the operator, by name. None is started before it is needed. Throws a RangeError where the
 * configuration refers to a variable that is not set.
 */
export function createMcpClients({ servers, env, ...shared }: McpOptions): McpClients {
  const clients = new Map(
    Object.entries(servers).map(([name, server]) => {
      const config = resolveReferences(name, server, env);
      return [name, createMcpClient({ ...shared, name, config })] as const;
    }),
  );
  return {
    names: [...clients.keys()],
    get: (name) => clients.get(name),
    async stop() {
      await Promise.all([...clients.values()].map((client) => client.stop()));
    },
  };
}
