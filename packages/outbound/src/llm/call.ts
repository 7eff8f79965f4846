import type { JsonObject } from '@millrace/contracts';
import {
  generateText,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  streamText,
  tool,
  type ToolSet,
} from 'ai';
import { type Consumption, estimateTokens } from '../agents/ledger.js';
import type { AgentTool } from '../tools/types.js';

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** What the model wrote is no call: no JSON, or a tool that there is not. */
  readonly problem: string | undefined;
  /** What some services want to see again beside the call. */
  readonly metadata: ProviderMetadata | undefined;
}
type ProviderMetadata = NonNullable<Awaited<ReturnType<typeof generateText>>['providerMetadata']>;

export interface Answer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly used: Consumption;
  readonly ending: 'complete' | 'cut' | 'filtered';
}

export interface Call {
  readonly model: LanguageModel;
  readonly system: string;
  readonly messages: ModelMessage[];
  readonly signal: AbortSignal;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** Of the object that is wanted; without one the answer is text. */
  readonly schema: JsonObject | undefined;
  readonly tools: readonly AgentTool[];
}

/** What a call was answered with until it broke; the service counts tokens only at the end. */
export class Broken extends Error {
  override readonly name = 'Broken';

  constructor(
    override readonly cause: unknown,
    readonly text: string,
  ) {
    super('The call broke');
  }
}

export function promptTokens({
  system,
  messages,
  tools,
}: Pick<Call, 'system' | 'messages' | 'tools'>): number {
  const described = tools.map(({ name, description, inputSchema }) => [name, description, inputSchema]);
  return estimateTokens(system) + estimateTokens(JSON.stringify([messages, described]));
}

function toConsumption(usage: LanguageModelUsage | undefined, call: Call, text: string): Consumption {
  const isCounted = usage?.inputTokens !== undefined && usage.outputTokens !== undefined;
  return {
    inputTokens: usage?.inputTokens ?? promptTokens(call),
    outputTokens: usage?.outputTokens ?? estimateTokens(text),
    estimated: !isCounted,
  };
}

function toolSet(tools: readonly AgentTool[]): ToolSet {
  // Without `execute` the SDK hands the calls back: they are run, counted and recorded by the loop of this package.
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      name,
      tool({ description, inputSchema: jsonSchema(inputSchema) }),
    ]),
  );
}

/**
 * The answer as text, whatever was asked for: it is parsed and repaired here. An output of the SDK for objects would
 * withhold what is no JSON, and compare the whole text with each piece of it; counting pieces lets them all pass.
 */
function outputOf(schema: JsonObject | undefined) {
  let pieces = 0;
  return {
    ...Output.text(),
    parsePartialOutput: () => Promise.resolve({ partial: String((pieces += 1)) }),
    ...(schema !== undefined && {
      responseFormat: Output.object({ schema: jsonSchema(schema), name: 'result' }).responseFormat,
    }),
  };
}

function settingsOf({ model, system, messages, signal, schema, tools, ...call }: Call) {
  return {
    model,
    system,
    messages,
    abortSignal: signal,
    // The step's own retry policy decides; a second one inside would multiply.
    maxRetries: 0,
    ...(tools.length > 0 && { tools: toolSet(tools) }),
    output: outputOf(schema),
    ...(call.temperature !== undefined && { temperature: call.temperature }),
    ...(call.maxOutputTokens !== undefined && { maxOutputTokens: call.maxOutputTokens }),
  };
}

interface SdkToolCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly invalid?: boolean | undefined;
  readonly error?: unknown;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

function toCall(call: SdkToolCall): ToolCall {
  const reason = call.error instanceof Error ? call.error.message : 'the call cannot be read';
  return {
    id: call.toolCallId,
    name: call.toolName,
    input: call.input,
    problem: call.invalid === true ? reason : undefined,
    metadata: call.providerMetadata,
  };
}

function endingOf(finishReason: string | undefined): Answer['ending'] {
  if (finishReason === 'length') return 'cut';
  return finishReason === 'content-filter' ? 'filtered' : 'complete';
}

/** The whole answer at once. */
async function generate(call: Call): Promise<Answer> {
  const result = await generateText(settingsOf(call));
  return {
    text: result.text,
    calls: result.toolCalls.map(toCall),
    used: toConsumption(result.usage, call, result.text),
    ending: endingOf(result.finishReason),
  };
}

/** Rejects when the signal fires: a stream is left at once, whatever the service does. */
function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const stop = (): void => {
      reject(new Error('aborted', { cause: signal.reason }));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  // Whoever does not race it any more need not hear of it.
  aborted.catch(() => undefined);
  return aborted;
}

/** The answer piece by piece. Throws {@link Broken}. */
async function stream(call: Call, onText: (text: string) => void): Promise<Answer> {
  let text = '';
  const calls: ToolCall[] = [];
  let usage: LanguageModelUsage | undefined;
  let finishReason: string | undefined;
  const aborted = whenAborted(call.signal);
  try {
    // Without an error handler the SDK prints to the console; the error arrives in the stream as well.
    const result = streamText({ ...settingsOf(call), onError: () => undefined });
    // No `for await`: leaving it early waits for the SDK's other reader of the same stream, which may never come.
    const reader = result.fullStream.getReader();
    for (;;) {
      const { done, value: part } = await Promise.race([reader.read(), aborted]);
      if (done) break;
      if (part.type === 'text-delta') {
        text += part.text;
        onText(part.text);
      } else if (part.type === 'tool-call') calls.push(toCall(part));
      else if (part.type === 'error') throw part.error;
      else if (part.type === 'abort') throw call.signal.reason ?? new Error('aborted');
      else if (part.type === 'finish') {
        usage = part.totalUsage;
        finishReason = part.finishReason;
      }
    }
  } catch (error) {
    throw new Broken(error, text);
  }
  return { text, calls, used: toConsumption(usage, call, text), ending: endingOf(finishReason) };
}

/** Streams where somebody listens. */
export function callModel(call: Call, onText: ((text: string) => void) | undefined): Promise<Answer> {
  return onText ? stream(call, onText) : generate(call);
}
