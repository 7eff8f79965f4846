import type { ReasoningPattern } from '@millrace/contracts';
import { AgentFailure, agentError } from '../agents/errors.js';
import { Ledger } from '../agents/ledger.js';
import { materialOf } from '../agents/material.js';
import { remember } from '../agents/memory.js';
import { failure, success } from '../agents/outcome.js';
import { Recorder } from '../agents/recorder.js';
import { patternOf } from '../agents/pattern.js';
import { resultSchemaOf } from '../agents/result-schema.js';
import type { AgentConfig, AgentOutcome, AgentRequest } from '../agents/types.js';
import type { ModelRef, Models } from './models.js';
import { chainOfThought } from './patterns/chain-of-thought.js';
import { direct } from './patterns/direct.js';
import { raise } from './patterns/raise.js';
import { react } from './patterns/react.js';
import { userPrompt } from './prompts.js';
import { Session } from './session.js';
import type { LlmSettings } from './settings.js';
import { assistant, type Task, user } from './task.js';

const PATTERNS: Readonly<Record<ReasoningPattern, (task: Task) => Promise<object>>> = {
  chain_of_thought: chainOfThought,
  react,
  raise,
};

/** Characters: about a million tokens. */
const MAX_PROMPT = 4_000_000;

export interface LlmRun {
  readonly outcome: AgentOutcome;
  /** Every model failed in a way that another provider may not. */
  readonly isExhausted: boolean;
  readonly session: Session;
}

export interface LlmAgents {
  /** `chain` names the models to ask, none of them offline. Never rejects. */
  run(
    request: AgentRequest,
    config: AgentConfig,
    chain: readonly ModelRef[],
    timeoutMs: number,
  ): Promise<LlmRun>;
}

export function createLlmAgents(models: Models, { prices }: Pick<LlmSettings, 'prices'>): LlmAgents {
  const schemaless = new Set<string>();
  return {
    async run(request, config, chain, timeoutMs) {
      const { agentType, recollection, signal } = request;
      const recorder = new Recorder(request.log);
      const { max_tokens: tokens, max_cost_usd: costUsd } = config.budget ?? {};
      const ledger = new Ledger(prices, { own: { tokens, costUsd }, shared: request.budget });
      const stop = new AbortController();
      const session = new Session({
        ...{ models, chain, ledger, recorder, timeoutMs, schemaless },
        temperature: config.temperature,
        maxTokens: config.max_tokens,
        // Where one of several calls side by side fails, the others are ended with it.
        signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
        onToken: request.onToken,
      });
      const prompt = userPrompt({ label: request.label, input: materialOf(request.input) });
      const history = recollection?.history ?? [];
      if (prompt.length > MAX_PROMPT) {
        const message = `The input is ${String(prompt.length)} characters of JSON, longer than any model can read (${String(MAX_PROMPT)})`;
        return {
          outcome: failure(agentError('input_invalid', message)),
          isExhausted: false,
          session,
        };
      }
      const task: Task = {
        ...{ agentType, config, recorder, session, signal },
        schema: resultSchemaOf(agentType, config),
        tools: request.tools ?? [],
        messages: [...history.flatMap((turn) => [user(turn.user), assistant(turn.assistant)]), user(prompt)],
      };
      const pattern = patternOf(config);
      try {
        const result = await (pattern === undefined ? direct : PATTERNS[pattern])(task);
        const answerer = session.answeredBy ?? { provider: 'offline', model: 'offline' };
        recorder.line('info', { event: 'usage', ...ledger.usage });
        const record = {
          ...(pattern && { reasoning: recorder.reasoning(pattern) }),
          ...(config.memory && {
            conversation: remember(config.memory.key, recollection?.position ?? 1, prompt, result),
          }),
          ...(session.fallbacks.length > 0 && { fallbacks: session.fallbacks }),
        };
        return { outcome: success(result, answerer, ledger.usage, record), isExhausted: false, session };
      } catch (thrown) {
        stop.abort();
        const error =
          thrown instanceof AgentFailure
            ? thrown.error
            : agentError(
                'internal',
                `The agent failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
              );
        recorder.line('error', {
          event: 'failed',
          code: error.code,
          message: error.message,
          ...ledger.usage,
        });
        const isExhausted = session.hasFailed(chain);
        return { outcome: failure(error, ledger.usage), isExhausted, session };
      }
    },
  };
}
