import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
export type Handler = (request: Recorded, response: ServerResponse) => void;
/** Returns a status to refuse the upgrade with, or takes the socket. */
export type SocketHandler = (socket: WebSocket, request: Recorded, nth: number) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: Recorded[];
  readonly upgrades: Recorded[];
  onRequest: Handler;
  onSocket: SocketHandler;
  /** The status to refuse the nth upgrade (from 1) with; undefined lets it through. */
  refuse: (nth: number, request: Recorded) => number | undefined;
  stop(): Promise<void>;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendProblem(
  response: ServerResponse,
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string> = {},
): void {
  const body = {
    type: `https://millrace.dev/problems/${code}`,
    title: code,
    status,
    detail,
    request_id: 'req-1',
  };
  sendJson(response, status, body, { 'content-type': 'application/problem+json', ...headers });
}

/** A real HTTP and WebSocket server whose every answer is the test's. */
export async function startServer(): Promise<ScriptedServer> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const recorded = record(request, text === '' ? undefined : JSON.parse(text));
      server.requests.push(recorded);
      server.onRequest(recorded, response);
    });
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'bearer' });
  http.on('upgrade', (request, socket, head) => {
    const recorded = record(request, undefined);
    const nth = server.upgrades.push(recorded);
    const status = server.refuse(nth, recorded);
    if (status !== undefined) {
      const body = JSON.stringify({
        type: 'x/refused',
        title: 'No',
        status,
        detail: `refused ${status}`,
        request_id: 'r',
      });
      socket.end(
        `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => server.onSocket(accepted, recorded, nth));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    upgrades: [],
    onRequest: (_request, response) => sendProblem(response, 404, 'not_found', 'nothing here'),
    onSocket: (socket) => socket.close(1011),
    refuse: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function record(request: IncomingMessage, body: unknown): Recorded {
  const url = new URL(request.url ?? '/', 'http://x');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
  };
}
