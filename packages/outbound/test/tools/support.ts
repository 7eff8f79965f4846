import type { JsonValue, McpServer } from '@millrace/contracts';
import { createGuardedHttp, createMcpClients, createToolbox } from '../../src/index.js';
import type { AgentTool, McpOptions, ToolboxOptions, ToolOutcome, ToolScope } from '../../src/index.js';

const endings: (() => Promise<void>)[] = [];

/** For afterEach: stops what the tests of a file started. */
export async function stopAll(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}

export function stopLater(end: () => Promise<void>): void {
  endings.push(end);
}

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export interface Bench {
  /** What the platform logged about the servers. */
  readonly lines: Line[];
  select(...names: string[]): Promise<AgentTool[]>;
  /** Fails the test where the choice succeeds. */
  refusal(...names: string[]): Promise<{ code: string; message: string; retryable?: boolean | undefined }>;
  call(tool: AgentTool | undefined, input?: JsonValue, signal?: AbortSignal): Promise<ToolOutcome>;
  stop(): Promise<void>;
}

export const SCOPE: ToolScope = {
  parameters: { topic: 'rivers' },
  steps: {},
  execution: { id: 'exec_1', workflow_name: 'Test' },
};

/** A toolbox with these servers and everything real. */
export function setup(
  servers: Record<string, McpServer> = {},
  options: Partial<ToolboxOptions> & Partial<Pick<McpOptions, 'idleMs' | 'env'>> & { scope?: ToolScope } = {},
): Bench {
  const lines: Line[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn') };
  const { env = {}, idleMs, scope = SCOPE, ...given } = options;
  const mcp = createMcpClients({ servers, env, version: '0.0.0', log, idleMs });
  const http = given.http ?? createGuardedHttp({ allow: ['127.0.0.0/8'] });
  const toolbox = createToolbox({ ...given, http, mcp });
  const forStep = (names: string[]) =>
    toolbox.forStep(names, { scope, signal: new AbortController().signal });
  stopLater(async () => {
    await mcp.stop();
    await http.close();
  });
  return {
    lines,
    async select(...names) {
      const selection = await forStep(names);
      if (!selection.ok) throw new Error(`${selection.error.code}: ${selection.error.message}`);
      return [...selection.tools];
    },
    async refusal(...names) {
      const selection = await forStep(names);
      if (selection.ok) throw new Error(`it chose ${selection.tools.map(({ name }) => name).join(', ')}`);
      return selection.error;
    },
    async call(tool, input = {}, signal = new AbortController().signal) {
      if (tool === undefined) throw new Error('there is no such tool');
      return tool.run(input, {
        signal,
        log(level, message) {
          lines.push({ level: `step ${level}`, fields: {}, message });
        },
      });
    },
    stop: () => mcp.stop(),
  };
}

export function outputOf(outcome: ToolOutcome): JsonValue {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.output;
}

export function failureOf(outcome: ToolOutcome) {
  if (outcome.ok) throw new Error(`it answered ${JSON.stringify(outcome.output)}`);
  return { ...outcome.error, endsStep: outcome.endsStep === true };
}

/** Signal 0 asks whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
