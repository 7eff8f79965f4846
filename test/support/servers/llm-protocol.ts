/** What the model server of the tests is told, and what it remembers. */
import * as z from 'zod';

const usage = z.strictObject({ prompt_tokens: z.int(), completion_tokens: z.int() });

/** What goes wrong with an answer. Chunks are counted from the first piece of text or tool call. */
const fault = z.discriminatedUnion('type', [
  /** An error answer, as `{"error": {"message", "code"}}`. */
  z.strictObject({
    type: z.literal('status'),
    status: z.int(),
    message: z.string().default('scripted'),
    code: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  /** The request is received and never answered. */
  z.strictObject({ type: z.literal('hang') }),
  /** The connection is reset after so many chunks. */
  z.strictObject({ type: z.literal('cut'), after_chunks: z.int().default(1) }),
  /** A chunk that is no JSON comes after so many good ones; without a stream the whole body is none. */
  z.strictObject({ type: z.literal('malformed'), after_chunks: z.int().default(1) }),
  /** The stream stays open and silent after so many chunks. */
  z.strictObject({ type: z.literal('stall'), after_chunks: z.int().default(1) }),
]);

const toolCall = z.strictObject({
  name: z.string(),
  /** Text is sent as it is, so that arguments can be broken JSON. */
  arguments: z.union([z.string(), z.record(z.string(), z.json())]).default({}),
  id: z.string().optional(),
});

/** Which requests a reply is for; every given condition has to hold. */
const condition = z.strictObject({
  model: z.string().optional(),
  /** Somewhere in the text of any message. */
  contains: z.string().optional(),
  /** Offered by the request. */
  tool: z.string().optional(),
  /** Answers to tool calls among the messages. */
  tool_results: z.int().optional(),
});

export const llmReply = z.strictObject({
  when: condition.default({}),
  content: z.string().optional(),
  /** The content as JSON, for requests with a `response_format`. */
  json: z.json().optional(),
  tool_calls: z.array(toolCall).default([]),
  /** By default `tool_calls` or `stop`. */
  finish_reason: z.string().optional(),
  /** Null leaves it out. */
  usage: usage.nullable().default({ prompt_tokens: 11, completion_tokens: 7 }),
  /** Characters of text in one chunk of a stream. */
  chunk_size: z.int().min(1).default(16),
  /** Before each chunk. */
  chunk_delay_ms: z.int().min(0).default(0),
  fault: fault.optional(),
  /** Requests it serves before it is used up. */
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
});
export type LlmReply = z.input<typeof llmReply>;
export type ScriptedReply = z.output<typeof llmReply>;

export const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()]).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
  temperature: z.number().optional(),
  max_tokens: z.int().optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** A request as it came, in order of arrival. */
export const recordedRequest = z.object({
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: chatRequest,
  /** False once the client was gone before the answer was complete. */
  completed: z.boolean(),
});
export type RecordedRequest = z.infer<typeof recordedRequest>;

/** The faults that providers really show. */
export const FAULTS = {
  rateLimited: (seconds: number): LlmReply => ({
    fault: { type: 'status', status: 429, message: 'Rate limited', headers: { 'retry-after': `${seconds}` } },
  }),
  serverError: (status = 500): LlmReply => ({
    fault: { type: 'status', status, message: 'The server had an error' },
  }),
  unauthorized: (): LlmReply => ({
    fault: { type: 'status', status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided' },
  }),
  contextLength: (): LlmReply => ({
    fault: {
      type: 'status',
      status: 400,
      code: 'context_length_exceeded',
      message: "This model's maximum context length is 8192 tokens",
    },
  }),
} as const;
