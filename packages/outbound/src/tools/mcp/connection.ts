import type { JsonObject, McpServer } from '@millrace/contracts';
import { type CallToolResult, Client, type ClientOptions, type Tool } from '@modelcontextprotocol/client';
import { createHttpTransport } from './http-transport.js';
import { MAX_LIST_PAGES, PROBE_MS, STOP_GRACE_MS } from './limits.js';
import { StdioTransport } from './stdio-transport.js';
import type { Loss } from './transport.js';

export interface ConnectionHooks {
  onPrinted(line: string): void;
  /** A message that broke the protocol, or a failure that belongs to no call. */
  onTrouble(error: Error): void;
  /** Once at most: nobody closed it, and it is of no use any more. */
  onLost(loss: Loss): void;
  onToolsChanged(): void;
}

export interface McpConnection {
  /** Why it ended, where nobody closed it. */
  readonly loss: Loss | undefined;
  /** What the server says of itself. */
  readonly serverName: string;
  /** Rejects with the errors of the SDK, as `call` does. */
  list(): Promise<readonly Tool[]>;
  call(tool: Tool, input: JsonObject, signal: AbortSignal): Promise<CallToolResult>;
  /** Whether the server answers at all. */
  isAlive(): Promise<boolean>;
  /** Ends program or session. Never rejects. */
  close(): Promise<void>;
}

const OPTIONS: ClientOptions = {
  capabilities: {},
  listMaxPages: MAX_LIST_PAGES,
  inputRequired: { autoFulfill: false },
};

/**
 * Starts the program or the session and shakes hands. Rejects when that fails, is aborted or takes longer than the
 * server's limit.
 */
export async function connect(
  server: McpServer,
  version: string,
  signal: AbortSignal,
  hooks: ConnectionHooks,
): Promise<McpConnection> {
  const timeout = server.timeout_seconds * 1_000;
  let loss: Loss | undefined;
  let isClosing = false;
  const onLost = (found: Loss): void => {
    if (isClosing || loss !== undefined) return;
    loss = found;
    hooks.onLost(found);
    // Whoever waits for an answer learns it from the closing.
    void client.close().catch(hooks.onTrouble);
  };
  const transport =
    server.transport === 'stdio'
      ? new StdioTransport(server, { onLost, onPrinted: hooks.onPrinted })
      : createHttpTransport(server, { onLost, onPrinted: hooks.onPrinted });
  const client = new Client(
    { name: 'millrace', version },
    // Over HTTP asking for the newer protocol is safe; programs may end themselves at an unknown first message.
    { ...OPTIONS, versionNegotiation: { mode: server.transport === 'http' ? 'auto' : 'legacy' } },
  );
  client.onerror = hooks.onTrouble;
  client.setNotificationHandler('notifications/tools/list_changed', hooks.onToolsChanged);

  async function close(): Promise<void> {
    isClosing = true;
    if (transport instanceof StdioTransport) await transport.close();
    else await endSession(transport);
    await client.close().catch(hooks.onTrouble);
  }

  try {
    await client.connect(transport, { signal, timeout, maxTotalTimeout: timeout });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get loss() {
      return loss;
    },
    serverName: client.getServerVersion()?.name ?? '',
    async list() {
      // Past the SDK's cache: from there it would compile the output schemas, a stranger's, to check results by.
      const limits = { timeout, maxTotalTimeout: timeout, cacheMode: 'bypass' } as const;
      return (await client.listTools({}, limits)).tools;
    },
    call({ name, inputSchema }, input, signal) {
      const toolDefinition = { name, inputSchema };
      const limits = { signal, timeout, maxTotalTimeout: timeout };
      return client.callTool({ name, arguments: input }, { ...limits, toolDefinition });
    },
    isAlive() {
      const limit = Math.min(PROBE_MS, timeout);
      return client.listTools({}, { timeout: limit, maxTotalTimeout: limit, cacheMode: 'bypass' }).then(
        () => true,
        () => false,
      );
    },
    close,
  };
}

async function endSession(transport: ReturnType<typeof createHttpTransport>): Promise<void> {
  const slow = new Promise<void>((resolve) => setTimeout(resolve, STOP_GRACE_MS).unref());
  // A server that is away forgets the session by itself.
  await Promise.race([transport.terminateSession().catch(() => undefined), slow]);
}
