import { isJsonObject, type JsonValue } from '@millrace/contracts';
import { createProcessPool, siblingScript } from '@millrace/isolation';
import { AgentFailure, agentError, fail } from '../agents/errors.js';
import { materialOf } from '../agents/material.js';
import { remember } from '../agents/memory.js';
import { failure, success } from '../agents/outcome.js';
import { Recorder } from '../agents/recorder.js';
import { runTool } from '../agents/run-tool.js';
import type { AgentConfig, AgentOutcome, AgentRequest } from '../agents/types.js';
import { parseJson } from '../json.js';
import { patternOf } from '../agents/pattern.js';
import type { Observed } from './reason/observations.js';
import { OFFLINE, type OfflineAnswer, type OfflineRequest } from './run.js';

const PROCESSES = 2;
const MAX_HEAP_MB = 256;
/** The rules look twice at most: what there is, then what is in it. */
const MAX_TURNS = 3;

export interface OfflineAgents {
  /** Never rejects. */
  run(request: AgentRequest, config: AgentConfig, timeoutMs: number): Promise<AgentOutcome>;
  stop(): Promise<void>;
}

/** Rules over a large text take seconds: they run aside, so that the worker goes on renewing its lease. */
export function createOfflineAgents(): OfflineAgents {
  const pool = createProcessPool<OfflineRequest, OfflineAnswer>({
    script: siblingScript('./child', import.meta.url),
    processes: PROCESSES,
    maxHeapMb: MAX_HEAP_MB,
  });

  async function ask(request: OfflineRequest, timeoutMs: number, signal: AbortSignal | undefined) {
    const result = await pool.run(request, { timeoutMs, ...(signal && { signal }) });
    switch (result.kind) {
      case 'answered':
        return result.answer;
      case 'timeout':
        return fail('timeout', `The offline agent worked longer than ${String(timeoutMs)} ms`);
      case 'aborted':
        return fail('aborted', 'The agent was cancelled');
      case 'died':
        return fail(
          'input_invalid',
          `The input is too large for an offline agent with ${String(MAX_HEAP_MB)} MB of memory: ${result.message}`,
        );
    }
  }

  /** Asks the rules for calls, runs them here, and shows the rules what came of it, until there is a result. */
  async function converse(request: AgentRequest, config: AgentConfig, timeoutMs: number, recorder: Recorder) {
    const { agentType, label, signal, tools = [] } = request;
    const input = withEarlier(materialOf(request.input), request.recollection?.history ?? []);
    const names = patternOf(config) === 'react' ? tools.map(({ name }) => name) : undefined;
    const observed: Observed[] = [];
    const most = Math.min(config.max_turns ?? MAX_TURNS, MAX_TURNS);
    for (let turn = 1; ; turn += 1) {
      const offered = names === undefined ? undefined : turn < most ? names : [];
      const answer = await ask(
        { agentType, config, input, label, observed, ...(offered && { tools: offered }) },
        timeoutMs,
        signal,
      );
      if (answer.kind !== 'calls') return answer;
      for (const call of answer.calls) {
        const use = { name: call.tool, input: call.input, turn };
        observed.push({ call, seen: await runTool(use, { tools, recorder, signal }) });
      }
    }
  }

  return {
    async run(request, config, timeoutMs) {
      const recorder = new Recorder(request.log);
      const { recollection } = request;
      try {
        const answer = await converse(request, config, timeoutMs, recorder);
        if (answer.kind === 'error') return failure(answer.error);
        for (const entry of answer.entries) recorder.entry(entry);
        for (const entry of answer.entries) recorder.line('debug', { event: 'reasoning', ...entry });
        const pattern = patternOf(config);
        return success(answer.result, OFFLINE, null, {
          ...(pattern && { reasoning: recorder.reasoning(pattern) }),
          ...(config.memory && {
            conversation: remember(
              config.memory.key,
              recollection?.position ?? 1,
              `${request.label}\n${JSON.stringify(materialOf(request.input))}`,
              answer.result,
            ),
          }),
        });
      } catch (thrown) {
        if (thrown instanceof AgentFailure) return failure(thrown.error);
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        return failure(agentError('internal', `The offline agent failed: ${message}`));
      }
    },
    stop: () => pool.stop(),
  };
}

/** The results of earlier turns lie beside the input, deeper than what it holds itself, which therefore wins. */
function withEarlier(input: JsonValue, history: readonly { readonly assistant: string }[]): JsonValue {
  const earlier = history.flatMap(({ assistant }) => {
    try {
      return [parseJson(assistant)];
    } catch {
      // It was shortened, and what is left of it is no JSON.
      return [];
    }
  });
  if (earlier.length === 0) return input;
  return { ...(isJsonObject(input) ? input : { input }), conversation: earlier.reverse() };
}
