import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import type { OpenSocket, SocketRefusal } from './port.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** The `ws` package, with the token in the Authorization header and the server's refusal read. */
export const openSocket: OpenSocket = (url, token, events) => {
  const socket = new WebSocket(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  let failure = '';
  let ended = false;
  const end = (code: number, reason: string, refusal?: SocketRefusal): void => {
    if (ended) return;
    ended = true;
    events.onClose({ code, reason, refusal });
  };
  socket.on('open', () => events.onOpen());
  socket.on('message', (data: RawData, isBinary) => {
    if (!isBinary) events.onMessage(textOf(data));
  });
  // A 'close' always follows; without this listener the process would die of the error.
  socket.on('error', (error) => {
    failure = error.message;
  });
  socket.on('close', (code, reason) => end(code, reason.toString() || failure));
  socket.on('unexpected-response', (_request, response) => {
    void readRefusal(response).then((refusal) => {
      end(1006, `refused with ${refusal.status}`, refusal);
      socket.terminate();
    });
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
    abandon: () => socket.terminate(),
  };
};

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

/** The body is an explanation for people: what is beyond the limit, or lost on the way, is left out. */
async function readRefusal(response: IncomingMessage): Promise<SocketRefusal> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > MAX_REFUSAL_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    chunks.length = 0;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') };
}
