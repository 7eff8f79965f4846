import type { ExecutionError, JsonObject, McpServer } from '@millrace/contracts';
import type { Tool } from '@modelcontextprotocol/client';
import { aborted, refused } from '../failures.js';
import type { ToolContext, ToolFailure, ToolOutcome } from '../types.js';
import { connect, type McpConnection } from './connection.js';
import { failureOf, unavailableError } from './failure.js';
import { COOL_DOWN_MS, IDLE_MS, LIST_MAX_AGE_MS } from './limits.js';
import { outcomeOf } from './result.js';
import { type McpToolList, usableTools } from './tool-list.js';

/** What a server's life is written to; pino's loggers are some. */
export interface McpLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface McpServerOptions {
  readonly name: string;
  /** References to the environment are resolved. */
  readonly config: McpServer;
  readonly version: string;
  readonly log: McpLog;
  /** Default five minutes. */
  readonly idleMs?: number | undefined;
}

export type ListOutcome =
  { readonly ok: true; readonly list: McpToolList } | { readonly ok: false; readonly error: ExecutionError };

/** One configured server, shared by all agents of this process. It is started by the first who needs it. */
export interface McpClient {
  /** At most five minutes old, and asked for again after the server says that it changed. Never rejects. */
  list(signal: AbortSignal): Promise<ListOutcome>;
  /** Never rejects. */
  call(tool: Tool, input: JsonObject, context: ToolContext): Promise<ToolOutcome>;
  /** Ends program or session; calls under way fail. Twice is once. */
  stop(): Promise<void>;
}

interface Live {
  readonly connection: McpConnection;
  list: { readonly made: number; readonly tools: Promise<McpToolList> } | undefined;
}

class Unavailable extends Error {
  constructor(readonly error: ExecutionError) {
    super(error.message);
  }
}

/** The first to settle; what comes of the work goes on for those who share it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const end = new AbortController();
  const gone = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true, signal: end.signal });
    if (signal.aborted) reject(new Error('aborted'));
  });
  try {
    return await Promise.race([work, gone]);
  } finally {
    end.abort();
  }
}

export function createMcpClient({
  name,
  config,
  version,
  log,
  idleMs = IDLE_MS,
}: McpServerOptions): McpClient {
  const fields = { mcp_server: name };
  let opening: Promise<Live> | undefined;
  let failed:
    { readonly error: ExecutionError; readonly until: number; readonly pauseMs: number } | undefined;
  let using = 0;
  let idle: NodeJS.Timeout | undefined;
  const closing = new Set<Promise<void>>();
  const stopping = new AbortController();

  /** Forgets this connection, unless another one has taken its place, and ends it in the background. */
  function drop(from: Promise<Live>): void {
    if (opening === from) opening = undefined;
    const closed: Promise<void> = from
      .then(({ connection }) => connection.close())
      .catch(() => undefined)
      .finally(() => closing.delete(closed));
    closing.add(closed);
  }

  /** The same promise for all who share a connection. */
  function open(): Promise<Live> {
    if (stopping.signal.aborted)
      return Promise.reject(new Unavailable(unavailableError(name, 'this worker is stopping')));
    if (opening !== undefined) return opening;
    if (failed !== undefined && performance.now() < failed.until)
      return Promise.reject(new Unavailable(failed.error));
    const started = start(() => {
      if (opening === started) drop(started);
    });
    opening = started;
    started.catch(() => {
      if (opening === started) opening = undefined;
    });
    return started;
  }

  async function start(onLost: () => void): Promise<Live> {
    const live: { list: Live['list'] } = { list: undefined };
    const startedAt = performance.now();
    let loss: string | undefined;
    try {
      const connection = await connect(config, version, stopping.signal, {
        onPrinted: (line) => log.debug({ ...fields, line }, 'an MCP server printed'),
        onTrouble: (err) => log.debug({ ...fields, err }, 'trouble with an MCP server'),
        onToolsChanged: () => (live.list = undefined),
        onLost({ message }) {
          loss = `it ${message}`;
          log.info({ ...fields, reason: message }, 'an MCP server was lost');
          onLost();
        },
      });
      failed = undefined;
      const duration_ms = Math.round(performance.now() - startedAt);
      log.info({ ...fields, transport: config.transport, duration_ms }, 'an MCP server is ready');
      return Object.assign(live, { connection });
    } catch (error) {
      const unusable = startError(error, loss);
      const pauseMs = Math.min(COOL_DOWN_MS[1], failed === undefined ? COOL_DOWN_MS[0] : failed.pauseMs * 2);
      failed = { error: unusable, until: performance.now() + pauseMs, pauseMs };
      log.warn({ ...fields, err: error, next_attempt_ms: pauseMs }, 'an MCP server cannot be used');
      throw new Unavailable(unusable);
    }
  }

  function startError(error: unknown, loss: string | undefined): ExecutionError {
    const failure = failureOf(error);
    switch (failure.kind) {
      case 'timeout':
        return unavailableError(name, `it did not answer within ${config.timeout_seconds} s`);
      case 'session_ended':
        return unavailableError(name, 'its address answers with the HTTP status 404', false);
      default:
        return unavailableError(name, loss ?? failure.message, failure.kind !== 'rejected');
    }
  }

  /** Keeps the server from being ended as idle. */
  async function busy<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(idle);
    using += 1;
    try {
      return await work();
    } finally {
      using -= 1;
      if (using === 0 && !stopping.signal.aborted) idle = setTimeout(endIdle, idleMs).unref();
    }
  }

  function endIdle(): void {
    if (opening === undefined) return;
    log.info(fields, 'an idle MCP server is ended');
    drop(opening);
  }

  function listOf(live: Live): Promise<McpToolList> {
    if (live.list !== undefined && performance.now() - live.list.made < LIST_MAX_AGE_MS)
      return live.list.tools;
    const tools = live.connection.list().then((offered) => {
      const list = usableTools(name, offered, config.tools);
      for (const [tool, reason] of list.leftOut) log.warn({ ...fields, tool, reason }, 'a tool is left out');
      return list;
    });
    const entry = { made: performance.now(), tools };
    live.list = entry;
    tools.catch(() => {
      if (live.list === entry) live.list = undefined;
    });
    return tools;
  }

  /** What became of a request that was sent, and of the connection it was sent over. */
  async function explain(error: unknown, used: Promise<Live>): Promise<ToolFailure | 'again'> {
    if (error instanceof Unavailable) return { ok: false, error: error.error, endsStep: true };
    const { connection } = await used;
    const failure = failureOf(error);
    const { loss } = connection;
    if (loss?.kind === 'too_large' || loss?.kind === 'flooded')
      return refused(
        'mcp_invalid_response',
        `The MCP server "${name}" ${loss.message} and was ended`,
        'remote',
      );
    switch (failure.kind) {
      case 'refused':
        return refused('tool_failed', `The MCP server "${name}" refused: ${failure.message}`, 'remote');
      case 'nonsense':
        return refused('mcp_invalid_response', `The MCP server "${name}": ${failure.message}`, 'remote');
      case 'session_ended':
        drop(used);
        return 'again';
      case 'timeout':
        if (await connection.isAlive())
          return refused(
            'mcp_timeout',
            `It took longer than ${config.timeout_seconds} s and was given up`,
            'remote',
          );
        drop(used);
        return ends(`it did not answer within ${config.timeout_seconds} s`);
      case 'rejected':
        return ends(failure.message, false);
      case 'gone':
        drop(used);
        return ends(loss === undefined ? failure.message : `it ${loss.message}`);
    }
  }

  function ends(message: string, retryable = true): ToolFailure {
    return { ok: false, error: unavailableError(name, message, retryable), endsStep: true };
  }

  /** Once more where the session had ended: then nothing was done the first time. */
  async function attempt<T>(
    signal: AbortSignal,
    work: (live: Live) => Promise<T>,
    isRepeated = false,
  ): Promise<{ readonly value: T } | { readonly failed: ToolFailure }> {
    const used = open();
    try {
      return { value: await unlessAborted(used.then(work), signal) };
    } catch (error) {
      if (signal.aborted) return { failed: aborted() };
      const failed = await explain(error, used);
      if (failed !== 'again') return { failed };
      return isRepeated ? { failed: ends('it ended its session twice') } : attempt(signal, work, true);
    }
  }

  return {
    list: (signal) =>
      busy(async () => {
        const found = await attempt(signal, listOf);
        return 'value' in found ? { ok: true, list: found.value } : { ok: false, error: found.failed.error };
      }),
    call: (tool, input, { signal }) =>
      busy(async () => {
        const done = await attempt(signal, ({ connection }) => connection.call(tool, input, signal));
        return 'value' in done ? outcomeOf(tool.name, done.value) : done.failed;
      }),
    async stop() {
      stopping.abort();
      clearTimeout(idle);
      if (opening !== undefined) drop(opening);
      while (closing.size > 0) await Promise.all(closing);
    },
  };
}
