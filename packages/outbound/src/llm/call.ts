import {
  generateText,
  NoObjectGeneratedError,
  Output,
  streamText,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
} from 'ai';
import type * as z from 'zod';
import type { AgentRequest, AgentUsage } from '../agents/types.js';

export interface Answer {
  readonly text: string;
  readonly usage: AgentUsage | null;
  /** True when the model stopped because it reached its token limit. */
  readonly cut: boolean;
}

export interface Call {
  readonly model: LanguageModel;
  readonly schema: z.ZodType;
  readonly request: AgentRequest;
  readonly system: string;
  readonly messages: ModelMessage[];
  readonly signal: AbortSignal;
}

function toUsage(usage: LanguageModelUsage | undefined): AgentUsage | null {
  if (usage?.inputTokens === undefined && usage?.outputTokens === undefined) return null;
  return { input_tokens: usage.inputTokens ?? 0, output_tokens: usage.outputTokens ?? 0 };
}

function settingsOf({ model, schema, request, system, messages, signal }: Call) {
  const { temperature, max_tokens: maxOutputTokens } = request.config;
  return {
    model,
    system,
    messages,
    abortSignal: signal,
    // The step's own retry policy decides; a second one inside would multiply.
    maxRetries: 0,
    output: Output.object({ schema, name: request.agentType }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** The whole answer at once. The text is wanted also where it does not match: the repair quotes it. */
async function generate(call: Call): Promise<Answer> {
  try {
    const result = await generateText(settingsOf(call));
    return { text: result.text, usage: toUsage(result.usage), cut: result.finishReason === 'length' };
  } catch (error) {
    if (!NoObjectGeneratedError.isInstance(error)) throw error;
    return { text: error.text ?? '', usage: toUsage(error.usage), cut: error.finishReason === 'length' };
  }
}

/** The answer piece by piece through `onToken`. */
async function stream(call: Call, onToken: (text: string) => void): Promise<Answer> {
  // Without an error handler the SDK prints to the console; the error arrives in the stream as well.
  const result = streamText({ ...settingsOf(call), onError: () => undefined });
  let text = '';
  let usage: AgentUsage | null = null;
  let cut = false;
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') {
      text += part.text;
      onToken(part.text);
    } else if (part.type === 'error') throw part.error;
    else if (part.type === 'abort') throw call.signal.reason ?? new Error('aborted');
    else if (part.type === 'finish') {
      usage = toUsage(part.totalUsage);
      cut = part.finishReason === 'length';
    }
  }
  return { text, usage, cut };
}

export function callModel(call: Call): Promise<Answer> {
  const { onToken } = call.request;
  return onToken ? stream(call, onToken) : generate(call);
}
