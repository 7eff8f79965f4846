/** Writes a scripted reply in the words of the chat-completions protocol, streamed or whole. */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { sendJson } from './listen.js';
import type { ChatRequest, ScriptedReply } from './llm-protocol.js';

interface Identity {
  readonly id: string;
  readonly model: string;
  readonly created: number;
}

interface WireCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

const textOf = (reply: ScriptedReply): string =>
  reply.json === undefined ? (reply.content ?? '') : JSON.stringify(reply.json);

function callsOf(reply: ScriptedReply, id: string): WireCall[] {
  return reply.tool_calls.map((call, index) => ({
    id: call.id ?? `call_${id}_${index}`,
    type: 'function',
    function: {
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }));
}

const finishReasonOf = (reply: ScriptedReply): string =>
  reply.finish_reason ?? (reply.tool_calls.length > 0 ? 'tool_calls' : 'stop');

const usageOf = ({ usage }: ScriptedReply): object | undefined =>
  usage === null ? undefined : { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };

function* pieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Names and ids come first and arguments in pieces after them, as providers send them. */
function* deltas(reply: ScriptedReply, id: string): Generator<object> {
  for (const content of pieces(textOf(reply), reply.chunk_size)) yield { content };
  for (const [index, call] of callsOf(reply, id).entries()) {
    yield { tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] };
    for (const part of pieces(call.function.arguments, reply.chunk_size))
      yield { tool_calls: [{ index, function: { arguments: part } }] };
  }
}

async function sendStream(
  response: ServerResponse,
  request: ChatRequest,
  reply: ScriptedReply,
  { id, model, created }: Identity,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choices: object[], usage?: object): void => {
    const chunk = { id, object: 'chat.completion.chunk', created, model, choices, ...(usage && { usage }) };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  send([{ index: 0, delta: { role: 'assistant' }, finish_reason: null }]);
  const { fault } = reply;
  let sent = 0;
  const isFaultDue = (): boolean =>
    fault !== undefined && 'after_chunks' in fault && sent >= fault.after_chunks;
  for (const delta of deltas(reply, id)) {
    if (isFaultDue()) break;
    if (reply.chunk_delay_ms > 0) await pause(reply.chunk_delay_ms);
    if (response.destroyed) return;
    send([{ index: 0, delta, finish_reason: null }]);
    sent += 1;
  }
  if (fault?.type === 'stall') return;
  if (fault?.type === 'cut') {
    // What was written so far is on its way before the connection goes.
    response.write('', () => response.destroy());
    return;
  }
  if (fault?.type === 'malformed') response.write('data: {"choices": [{"delta": \n\n');
  send([{ index: 0, delta: {}, finish_reason: finishReasonOf(reply) }]);
  const usage = usageOf(reply);
  if (request.stream_options?.include_usage === true && usage !== undefined) send([], usage);
  response.end('data: [DONE]\n\n');
}

function sendWhole(response: ServerResponse, reply: ScriptedReply, { id, model, created }: Identity): void {
  const calls = callsOf(reply, id);
  const text = textOf(reply);
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReasonOf(reply) }];
  const usage = usageOf(reply);
  sendJson(response, 200, {
    ...{ id, object: 'chat.completion', created, model, choices },
    ...(usage && { usage }),
  });
}

export async function answer(
  response: ServerResponse,
  request: ChatRequest,
  reply: ScriptedReply,
  number: number,
): Promise<void> {
  const { fault } = reply;
  const identity = { id: `chat${number}`, model: request.model, created: 1_700_000_000 + number };
  if (fault?.type === 'hang') return;
  if (fault?.type === 'status') {
    const error = { message: fault.message, type: 'scripted', code: fault.code ?? null };
    sendJson(response, fault.status, { error }, fault.headers);
    return;
  }
  if (request.stream === true) {
    await sendStream(response, request, reply, identity);
    return;
  }
  if (reply.chunk_delay_ms > 0) await pause(reply.chunk_delay_ms);
  if (fault?.type === 'cut') response.destroy();
  else if (fault?.type === 'stall') return;
  else if (fault?.type === 'malformed') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [{"message": ');
  } else sendWhole(response, reply, identity);
}
