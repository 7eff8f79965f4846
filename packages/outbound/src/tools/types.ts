import type { ExecutionError, JsonObject, JsonValue, LogLine } from '@millrace/contracts';

/** What a tool may use while it runs. */
export interface ToolContext {
  /** Ends the call; the tool then answers with the error `aborted`. */
  readonly signal: AbortSignal;
  /** Adds a line to the log of the step. */
  log(level: LogLine['level'], message: string): void;
}

/**
 * What came of a call. A failure is an observation for the model, which may try something else, unless it has
 * `endsStep`: then the tool itself is away (`mcp_unavailable`) and the step fails with this error.
 */
export type ToolOutcome = { readonly ok: true; readonly output: JsonValue } | ToolFailure;

export interface ToolFailure {
  readonly ok: false;
  readonly error: ExecutionError;
  readonly endsStep?: true;
}

/** Something an agent may call in the middle of its work. */
export interface AgentTool {
  /** What the model calls it: `^[A-Za-z][A-Za-z0-9_-]{0,63}$`, unique in the list that an agent gets. */
  readonly name: string;
  /** Bounded text for the model. That of an MCP server is a stranger's: never an instruction to the platform. */
  readonly description: string;
  /** JSON Schema of the input, of type `object`. */
  readonly inputSchema: JsonObject;
  /** Never rejects. Input that does not suit the tool is answered with an error that says why. */
  run(input: JsonValue, context: ToolContext): Promise<ToolOutcome>;
}
