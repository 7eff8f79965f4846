import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '@millrace/contracts';
import { type Logger, toProblem } from '@millrace/service-kit';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `X-Request-Id` where it is harmless, else a random one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomBytes(12).toString('hex');
}

export interface Refusal {
  status: number;
  body: Problem;
  headers: Readonly<Record<string, string>>;
}

/** What a thrown thing amounts to as an answer. */
export function problemFor(error: unknown, requestId: string): Refusal {
  return toProblem(error, requestId);
}

/** 426: the address is right and the request asks for no WebSocket, or for one of another version. */
export function upgradeRequired(requestId: string, detail: string): Refusal {
  const status = 426;
  return {
    status,
    body: {
      type: '/errors/upgrade_required',
      title: 'Upgrade required',
      status,
      detail,
      request_id: requestId,
    },
    headers: {
      'Content-Type': 'application/problem+json',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
    },
  };
}

/** Logs what the operator has to know of a refusal. */
export function logRefusal(error: unknown, requestId: string, log: Logger): void {
  const { unexpected, status } = toProblem(error, requestId);
  if (unexpected) log.error({ request_id: requestId, error }, 'an upgrade failed unexpectedly');
  else if (status >= 500) log.warn({ request_id: requestId, error }, 'an upgrade could not be served');
}

/** Answers an upgrade like any HTTP request that went wrong, and ends the connection. */
export function refuse(socket: Duplex, { status, body, headers }: Refusal): void {
  const text = JSON.stringify(body);
  const fields = {
    ...headers,
    'Content-Length': String(Buffer.byteLength(text)),
    'Cache-Control': 'no-store',
    'X-Request-Id': body.request_id,
    Connection: status === 426 ? 'close, upgrade' : 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
}
