import type { ServerResponse } from 'node:http';
import { startServer, type TestServer } from './server.js';

/** One scripted answer of the chat-completions protocol. */
export interface ChatReply {
  readonly status?: number;
  readonly content?: string;
  readonly error?: string;
  readonly finishReason?: string;
  /** Leave the request hanging. */
  readonly silent?: boolean;
}

export interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: unknown } };
  readonly messages: { readonly role: string; readonly content: string }[];
}

export interface ChatServer extends TestServer {
  readonly baseUrl: string;
  readonly requests: ChatRequest[];
}

const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

function sendStream(response: ServerResponse, content: string, finishReason: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (delta: object, finish: string | null, usage?: object): void => {
    const body = {
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(usage ? { usage } : {}),
    };
    response.write(`data: ${JSON.stringify(body)}\n\n`);
  };
  chunk({ role: 'assistant' }, null);
  for (let at = 0; at < content.length; at += 40) chunk({ content: content.slice(at, at + 40) }, null);
  chunk({}, finishReason, USAGE);
  response.end('data: [DONE]\n\n');
}

const parseRequest: (text: string) => ChatRequest = JSON.parse;

/** Speaks the protocol over real HTTP; each request takes the next reply, the last one repeats. */
export async function startChatServer(
  replies: readonly (ChatReply | ((request: ChatRequest) => ChatReply))[],
): Promise<ChatServer> {
  const requests: ChatRequest[] = [];
  const server = await startServer((seen, response) => {
    const request = parseRequest(seen.body);
    requests.push(request);
    const scripted = replies[Math.min(requests.length, replies.length) - 1] ?? {};
    const reply = typeof scripted === 'function' ? scripted(request) : scripted;
    if (reply.silent) return;
    const status = reply.status ?? 200;
    if (status >= 400) {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: reply.error ?? 'no' } }));
      return;
    }
    const finishReason = reply.finishReason ?? 'stop';
    if (request.stream) {
      sendStream(response, reply.content ?? '', finishReason);
      return;
    }
    const message = { role: 'assistant', content: reply.content ?? '' };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: 'c1',
        object: 'chat.completion',
        created: 1,
        model: request.model,
        choices: [{ index: 0, message, finish_reason: finishReason }],
        usage: USAGE,
      }),
    );
  });
  return { ...server, baseUrl: `${server.origin}/v1`, requests };
}
