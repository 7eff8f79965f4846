/**
 * A process that speaks the OpenAI-compatible protocol and says what a test told it to say. Beside `/v1` it serves
 * `POST /script` (replies, appended), `DELETE /script` (forgets replies and requests) and `GET /requests`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { answer } from './llm-answer.js';
import {
  type ChatRequest,
  chatRequest,
  llmReply,
  type RecordedRequest,
  type ScriptedReply,
} from './llm-protocol.js';
import { listenLocally, readText, sendJson } from './listen.js';
import { announce } from './process.js';

const replies: { reply: ScriptedReply; left: number }[] = [];
const requests: RecordedRequest[] = [];

function matches({ when }: ScriptedReply, request: ChatRequest): boolean {
  if (when.model !== undefined && when.model !== request.model) return false;
  if (when.contains !== undefined && !JSON.stringify(request.messages).includes(when.contains)) return false;
  if (when.tool !== undefined && !request.tools?.some((tool) => tool.function.name === when.tool))
    return false;
  const results = request.messages.filter((message) => message.role === 'tool').length;
  return when.tool_results === undefined || when.tool_results === results;
}

/** The first that fits and is not used up. */
function take(request: ChatRequest): ScriptedReply | undefined {
  const entry = replies.find(({ reply, left }) => left > 0 && matches(reply, request));
  if (entry === undefined) return undefined;
  entry.left -= 1;
  return entry.reply;
}

async function complete(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = chatRequest.parse(JSON.parse(await readText(incoming)));
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const { method = '', url: path = '' } = incoming;
  const record: RecordedRequest = { method, path, headers, body: request, completed: false };
  requests.push(record);
  response.once('finish', () => (record.completed = true));
  const reply = take(request);
  if (reply === undefined) {
    const message = `No reply is scripted for request ${requests.length} (model ${request.model})`;
    sendJson(response, 400, { error: { message, code: 'nothing_scripted' } });
    return;
  }
  await answer(response, request, reply, requests.length);
}

const models = (): object => ({
  object: 'list',
  data: ['test-model', 'fallback-model'].map((id) => ({
    id,
    object: 'model',
    created: 1,
    owned_by: 'tests',
  })),
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case 'POST /v1/chat/completions':
      return complete(request, response);
    case 'GET /v1/models':
      return sendJson(response, 200, models());
    case 'POST /script': {
      const scripted = z.array(llmReply).parse(JSON.parse(await readText(request)));
      replies.push(
        ...scripted.map((reply) => ({ reply, left: reply.times === 'always' ? Infinity : reply.times })),
      );
      return sendJson(response, 200, { replies: replies.length });
    }
    case 'DELETE /script':
      replies.length = 0;
      requests.length = 0;
      return sendJson(response, 200, {});
    case 'GET /requests':
      return sendJson(response, 200, requests);
    default:
      return sendJson(response, 404, { error: { message: `Unknown: ${request.method} ${request.url}` } });
  }
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else sendJson(response, 400, { error: { message: error instanceof Error ? error.message : 'unknown' } });
  });
});
announce(await listenLocally(server));
