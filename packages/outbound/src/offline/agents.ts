import { createProcessPool, siblingScript } from '@millrace/isolation';
import { failure } from '../agents/outcome.js';
import type { AgentOutcome } from '../agents/types.js';
import { agentError } from '../llm/errors.js';
import type { OfflineRequest } from './run.js';

const PROCESSES = 2;
const MAX_HEAP_MB = 256;

export interface OfflineAgents {
  /** Never rejects. */
  run(request: OfflineRequest, options: { timeoutMs: number; signal?: AbortSignal }): Promise<AgentOutcome>;
  stop(): Promise<void>;
}

/** Rules over a large text take seconds: they run aside, so that the worker goes on renewing its lease. */
export function createOfflineAgents(): OfflineAgents {
  const pool = createProcessPool<OfflineRequest, AgentOutcome>({
    script: siblingScript('./child', import.meta.url),
    processes: PROCESSES,
    maxHeapMb: MAX_HEAP_MB,
  });
  return {
    async run(request, options) {
      const result = await pool.run(request, options);
      switch (result.kind) {
        case 'answered':
          return result.answer;
        case 'timeout':
          return failure(
            agentError('timeout', `The offline agent worked longer than ${String(options.timeoutMs)} ms`),
          );
        case 'aborted':
          return failure(agentError('aborted', 'The agent was cancelled'));
        case 'died':
          return failure(
            agentError(
              'input_invalid',
              `The input is too large for an offline agent with ${String(MAX_HEAP_MB)} MB of memory: ${result.message}`,
            ),
          );
      }
    },
    stop: () => pool.stop(),
  };
}
