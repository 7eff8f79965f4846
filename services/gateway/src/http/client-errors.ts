import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { API_ERRORS } from '@millrace/contracts';

const WORDS: Readonly<Record<number, string>> = {
  400: 'This is not an HTTP request',
  408: 'The request did not arrive in time',
  431: 'The address and headers of the request are too large together',
};

/**
 * Answers what Node refuses before there is a request, in the form of every other error. A connection on which an answer
 * is under way is broken instead: another answer in the middle of it would be taken for a part of it.
 */
export function answerClientErrors(server: Server): void {
  const busy = new WeakSet<Duplex>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
  });
  server.on('clientError', (error: Error, socket: Duplex) => {
    if (busy.has(socket) || !socket.writable) socket.destroy();
    else socket.end(answer(statusOf(error)));
  });
}

function statusOf(error: Error): number {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function answer(status: number): string {
  const reason = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({
    type: '/errors/bad_request',
    title: API_ERRORS.bad_request.title,
    status,
    detail: WORDS[status] ?? reason,
    request_id: randomBytes(12).toString('hex'),
  });
  return [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
