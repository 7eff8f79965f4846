import type { AgentPhase, JsonObject } from '@millrace/contracts';
import type { ModelMessage } from 'ai';
import { agentError, AgentFailure, fail } from '../agents/errors.js';
import { estimateTokens, type Ledger } from '../agents/ledger.js';
import type { Recorder } from '../agents/recorder.js';
import type { AgentError, AgentRequest, TokenSource } from '../agents/types.js';
import type { AgentTool } from '../tools/types.js';
import { type Answer, Broken, type Call, callModel, promptTokens } from './call.js';
import { mayFallBack, refusesResponseFormat, toAgentError } from './errors.js';
import type { ModelRef, Models } from './models.js';

/** One question to a model. */
export interface Ask {
  readonly phase: AgentPhase;
  readonly participant?: string;
  readonly turn?: number;
  readonly round?: number;
  readonly system: string;
  readonly messages: ModelMessage[];
  readonly schema?: JsonObject;
  readonly tools?: readonly AgentTool[];
  /** Instead of the step's; its fallbacks are the step's. */
  readonly model?: string | undefined;
  /** How many such questions are asked side by side; they share what is left of a budget. */
  readonly parallel?: number;
}

export interface Fallback {
  readonly model: string;
  readonly code: string;
  readonly message: string;
}

export interface SessionOptions {
  readonly models: Models;
  /** The step's model, then its fallbacks; at least one, none of them offline. */
  readonly chain: readonly ModelRef[];
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly timeoutMs: number;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onToken: AgentRequest['onToken'];
  /** Models that are known to refuse schemas; lives as long as the process. */
  readonly schemaless: Set<string>;
}

/** Characters of one answer. Nothing an agent gives is so long; a stream without an end would fill the memory. */
const MAX_ANSWER = 2_000_000;

export function nameOf({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}

/** The calls of one run: who is asked, what it may cost, what is recorded. Methods throw an `AgentFailure`. */
export class Session {
  readonly fallbacks: Fallback[] = [];
  readonly #options: SessionOptions;
  /** Models that failed in this run are not asked again in it. */
  readonly #failed = new Set<string>();
  readonly #shownSystems = new Set<string>();
  #answeredBy: ModelRef | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The model of the last answer. */
  get answeredBy(): ModelRef | undefined {
    return this.#answeredBy;
  }

  /** Whether all of these have failed in a way that another model may not. */
  hasFailed(refs: readonly ModelRef[]): boolean {
    return refs.every((ref) => this.#failed.has(nameOf(ref)));
  }

  async ask(ask: Ask): Promise<Answer> {
    const candidates = this.#candidates(ask.model);
    let last: AgentError = agentError('provider_unavailable', 'No model is left to ask');
    for (const ref of candidates) {
      if (this.#failed.has(nameOf(ref))) continue;
      try {
        const answer = await this.#askModel(ref, ask);
        this.#answeredBy = ref;
        return answer;
      } catch (error) {
        if (!(error instanceof AgentFailure) || !mayFallBack(error.error)) throw error;
        last = error.error;
        this.#failed.add(nameOf(ref));
        this.#noteFallback(ref, last);
      }
    }
    throw new AgentFailure(last);
  }

  #candidates(model: string | undefined): readonly ModelRef[] {
    const { chain, models } = this.#options;
    if (model === undefined) return chain;
    const own = models.resolve(model);
    if (own.provider === 'offline')
      return fail(
        'configuration_invalid',
        'A participant needs a model; the offline provider confers by itself',
      );
    return [own, ...chain.filter((ref) => nameOf(ref) !== nameOf(own))];
  }

  #noteFallback(ref: ModelRef, { code, message }: AgentError): void {
    this.fallbacks.push({ model: nameOf(ref), code, message: message.slice(0, 500) });
    this.#options.recorder.line('warn', { event: 'model_failed', model: nameOf(ref), code, message });
  }

  async #askModel(ref: ModelRef, ask: Ask): Promise<Answer> {
    const { ledger, recorder, temperature, maxTokens, signal } = this.#options;
    if (signal?.aborted) fail('aborted', 'The agent was cancelled');
    const tools = ask.tools ?? [];
    const prompt = { system: ask.system, messages: ask.messages, tools };
    const allowed = await ledger.admit(ref, promptTokens(prompt), ask.parallel ?? 1);
    const most = Math.min(maxTokens ?? Infinity, allowed ?? Infinity);
    this.#showPrompt(ref, ask);
    const answer = await this.#call(
      ref,
      ask,
      {
        ...prompt,
        schema: ask.schema,
        temperature,
        maxOutputTokens: Number.isFinite(most) ? most : undefined,
      },
      allowed,
    );
    await ledger.add(ref, answer.used);
    recorder.line('debug', {
      event: 'answer',
      ...sourceOf(ask),
      model: nameOf(ref),
      ending: answer.ending,
      input_tokens: answer.used.inputTokens,
      output_tokens: answer.used.outputTokens,
      ...(answer.calls.length > 0 && { calls: answer.calls.map(({ name }) => name) }),
      text: answer.text,
    });
    ledger.check();
    if (answer.ending === 'cut' && allowed !== undefined && allowed <= (maxTokens ?? Infinity))
      ledger.refuse();
    if (answer.ending === 'filtered')
      fail('provider_content_filter', `The model ${nameOf(ref)} withheld its answer by its content filter`);
    return answer;
  }

  async #call(
    ref: ModelRef,
    ask: Ask,
    call: Omit<Call, 'model' | 'signal'>,
    allowed: number | undefined,
  ): Promise<Answer> {
    const { models, timeoutMs, signal, onToken, ledger, schemaless } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const spent = new AbortController();
    const endless = new AbortController();
    const signals = [deadline, spent.signal, endless.signal, ...(signal ? [signal] : [])];
    let length = 0;
    const onText =
      onToken &&
      ((text: string): void => {
        if (signal?.aborted) return;
        length += text.length;
        onToken(text, sourceOf(ask));
        // Half as many as estimated: a service that ignores the limit is stopped, one whose tokens are long is not.
        if (allowed !== undefined && length / 8 > allowed) spent.abort();
        if (length > MAX_ANSWER) endless.abort();
      });
    const attempt = (strict: boolean): Promise<Answer> =>
      callModel(
        {
          ...call,
          model: models.connect(ref, strict),
          signal: AbortSignal.any(signals),
          schema: strict || ref.provider !== 'anthropic' ? call.schema : undefined,
        },
        onText,
      );
    try {
      return await this.#withSchema(nameOf(ref), call.schema !== undefined, schemaless, attempt);
    } catch (thrown) {
      const error = thrown instanceof Broken ? thrown.cause : thrown;
      // What was streamed was paid for; the service did not come to the point of counting it.
      if (thrown instanceof Broken && thrown.text !== '')
        await ledger.add(ref, {
          inputTokens: promptTokens(call),
          outputTokens: estimateTokens(thrown.text),
          estimated: true,
        });
      if (signal?.aborted) return fail('aborted', 'The agent was cancelled');
      if (spent.signal.aborted) return ledger.refuse();
      if (endless.signal.aborted)
        return fail(
          'agent_output_invalid',
          `The answer of the model ${nameOf(ref)} is longer than ${String(MAX_ANSWER)} characters`,
        );
      if (deadline.aborted)
        return fail(
          'timeout',
          `The model ${nameOf(ref)} gave no complete answer within ${String(timeoutMs)} ms`,
        );
      throw new AgentFailure(toAgentError(error, models.secrets));
    }
  }

  /** Learnt from the first refusal, so that only one call in the life of the process is spent on it. */
  async #withSchema(
    name: string,
    wantsSchema: boolean,
    schemaless: Set<string>,
    attempt: (strict: boolean) => Promise<Answer>,
  ): Promise<Answer> {
    if (!wantsSchema || schemaless.has(name)) return attempt(false);
    try {
      return await attempt(true);
    } catch (error) {
      if (!refusesResponseFormat(error instanceof Broken ? error.cause : error)) throw error;
      const answer = await attempt(false);
      schemaless.add(name);
      return answer;
    }
  }

  #showPrompt(ref: ModelRef, ask: Ask): void {
    const last = ask.messages.at(-1);
    const isNewSystem = !this.#shownSystems.has(ask.system);
    this.#shownSystems.add(ask.system);
    this.#options.recorder.line('debug', {
      event: 'prompt',
      ...sourceOf(ask),
      model: nameOf(ref),
      messages: ask.messages.length,
      ...(ask.tools && ask.tools.length > 0 && { tools: ask.tools.map(({ name }) => name) }),
      ...(isNewSystem && { system: ask.system }),
      last: typeof last?.content === 'string' ? last.content : JSON.stringify(last?.content ?? null),
    });
  }
}

function sourceOf({ phase, participant, turn, round }: Ask): TokenSource & JsonObject {
  return {
    phase,
    ...(participant !== undefined && { participant }),
    ...(turn !== undefined && { turn }),
    ...(round !== undefined && { round }),
  };
}
