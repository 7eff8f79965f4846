import type { ExecutionError, JsonValue } from '@millrace/contracts';
import type { AgentTool, ToolOutcome } from '../tools/types.js';
import { AgentFailure, fail } from './errors.js';
import { type Recorder, shorten } from './recorder.js';
import type { AgentError } from './types.js';

export interface ToolUse {
  readonly name: string;
  readonly input: JsonValue;
  readonly turn: number;
  readonly participant?: string | undefined;
  /** Why what the model wrote is no call at all. */
  readonly problem?: string | undefined;
}

export interface ToolBench {
  readonly tools: readonly AgentTool[];
  readonly recorder: Recorder;
  readonly signal: AbortSignal | undefined;
}

export type Observation =
  { readonly ok: true; readonly output: JsonValue } | { readonly ok: false; readonly error: string };

/** Runs one call and records it. A failure is an observation, too; one that ends the step is an `AgentFailure`. */
export async function runTool(use: ToolUse, bench: ToolBench): Promise<Observation> {
  const { recorder, signal } = bench;
  const { name, input, turn, participant } = use;
  if (signal?.aborted) fail('aborted', 'The agent was cancelled');
  const startedAt = performance.now();
  const outcome = await outcomeOf(use, bench);
  const durationMs = Math.round(performance.now() - startedAt);
  if (signal?.aborted) fail('aborted', 'The agent was cancelled');
  const entry = {
    ...({ phase: 'tool', turn, tool: shorten(name, 100), input } as const),
    ...(participant !== undefined && { participant }),
  };
  const line = { event: 'tool', tool: entry.tool, turn, duration_ms: durationMs, input };
  if (outcome.ok) {
    recorder.entry({ ...entry, output: outcome.output });
    recorder.line('info', { ...line, output: outcome.output });
    return outcome;
  }
  const { code, message, details } = outcome.error;
  const error = `${code}: ${message}${details === undefined ? '' : ` ${JSON.stringify(details)}`}`;
  recorder.entry({ ...entry, error });
  recorder.line('warn', { ...line, error });
  if (outcome.endsStep === true) throw new AgentFailure(toAgentError(outcome.error));
  return { ok: false, error };
}

async function outcomeOf(
  { name, input, problem }: ToolUse,
  { tools, recorder, signal }: ToolBench,
): Promise<ToolOutcome> {
  const wrong = (code: string, message: string): ToolOutcome => ({
    ok: false,
    error: { code, message, fault: 'remote', retryable: false },
  });
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined)
    return wrong('tool_unknown', `There is no tool "${shorten(name, 100)}"; there are ${namesOf(tools)}`);
  if (problem !== undefined) return wrong('tool_input_invalid', shorten(problem, 1_000));
  return tool.run(input, {
    signal: signal ?? new AbortController().signal,
    log: (level, message) => {
      recorder.line(level, { event: 'tool_log', tool: name, message });
    },
  });
}

function namesOf(tools: readonly AgentTool[]): string {
  return tools.length === 0 ? 'none' : tools.map(({ name }) => name).join(', ');
}

function toAgentError({ code, message, fault, retryable, details }: ExecutionError): AgentError {
  return {
    code,
    message,
    fault: fault === undefined || fault === 'caller' ? 'workflow' : fault,
    retryable: retryable ?? false,
    ...(details && { details }),
  };
}
