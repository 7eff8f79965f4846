import type { ServerResponse } from 'node:http';
import type { JsonObject } from '@millrace/contracts';
import * as z from 'zod';
import { startServer, type TestServer } from './server.js';

/** One scripted message: text, a call of a tool, or an error. */
export interface MessageReply {
  readonly text?: string;
  readonly call?: { readonly name: string; readonly input: JsonObject };
  readonly status?: number;
  readonly error?: string;
}

const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.unknown(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});
export type MessageRequest = z.infer<typeof request>;

export interface AnthropicServer extends TestServer {
  readonly requests: MessageRequest[];
}

const usage = { input_tokens: 30, output_tokens: 12 };

function blockOf({ text, call }: MessageReply): JsonObject {
  return call === undefined
    ? { type: 'text', text: text ?? '' }
    : { type: 'tool_use', id: 'toolu_1', name: call.name, input: call.input };
}

function sendStream(response: ServerResponse, model: string, reply: MessageReply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, data: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null };
  send('message_start', {
    message: { ...message, stop_sequence: null, usage: { ...usage, output_tokens: 1 } },
  });
  const { text = '', call } = reply;
  const empty = call === undefined ? { type: 'text', text: '' } : { ...blockOf(reply), input: {} };
  send('content_block_start', { index: 0, content_block: empty });
  const whole = call === undefined ? text : JSON.stringify(call.input);
  for (let at = 0; at < whole.length; at += 20) {
    const piece = whole.slice(at, at + 20);
    const delta =
      call === undefined
        ? { type: 'text_delta', text: piece }
        : { type: 'input_json_delta', partial_json: piece };
    send('content_block_delta', { index: 0, delta });
  }
  send('content_block_stop', { index: 0 });
  const stopReason = call === undefined ? 'end_turn' : 'tool_use';
  send('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage });
  send('message_stop', {});
  response.end();
}

/** Speaks the messages protocol over real HTTP; each request takes the next reply, the last one repeats. */
export async function startAnthropicServer(replies: readonly MessageReply[]): Promise<AnthropicServer> {
  const requests: MessageRequest[] = [];
  const server = await startServer((seen, response) => {
    const asked = request.parse(JSON.parse(seen.body));
    requests.push(asked);
    const reply = replies[Math.min(requests.length, replies.length) - 1] ?? {};
    const { status = 200, error = 'no' } = reply;
    if (status >= 400) {
      const body = { type: 'error', error: { type: 'scripted_error', message: error } };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } else if (asked.stream === true) sendStream(response, asked.model, reply);
    else {
      const message = { id: 'msg_1', type: 'message', role: 'assistant', model: asked.model };
      const stop = { stop_reason: reply.call === undefined ? 'end_turn' : 'tool_use', stop_sequence: null };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...message, content: [blockOf(reply)], ...stop, usage }));
    }
  });
  return { ...server, requests };
}
