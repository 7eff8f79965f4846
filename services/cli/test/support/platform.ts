import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { EventFrame, EventType } from '@millrace/contracts';
import { WebSocketServer, type WebSocket } from 'ws';

export const EXECUTION = 'exec_01936d5e-8f00-7abc-8def-0123456789ab';
const T0 = Date.parse('2026-11-01T12:00:00.000Z');

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
export type Route = (request: Seen) => Answer;

/** A platform of the test's own: real HTTP and WebSocket, answers by `METHOD /path` below `/api/v1`. */
export interface FakePlatform {
  readonly url: string;
  readonly seen: Seen[];
  readonly routes: Record<string, Route>;
  onSocket: (socket: WebSocket) => void;
  stop(): Promise<void>;
}

export function problem(status: number, code: string, detail: string, errors?: unknown): Answer {
  const body = { type: `https://x/${code}`, title: code, status, detail, errors, request_id: 'req-42' };
  return { status, body, headers: { 'content-type': 'application/problem+json' } };
}

export async function startPlatform(): Promise<FakePlatform> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  const answer = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const url = new URL(request.url ?? '/', 'http://x');
    const path = url.pathname.replace('/api/v1', '');
    const method = request.method ?? '';
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const seen: Seen = { method, path, query: url.searchParams, headers: request.headers, body };
    platform.seen.push(seen);
    const route = platform.routes[`${method} ${path}`];
    const reply = route?.(seen) ?? problem(404, 'not_found', `${method} ${path} not found`);
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  };
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => platform.onSocket(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const platform: FakePlatform = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    seen: [],
    routes: {},
    onSocket: (socket) => socket.close(1011),
    stop: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return platform;
}

export function event(seq: number, type: EventType, data: EventFrame['data'] = {}): EventFrame {
  return {
    type,
    execution_id: EXECUTION,
    workflow_id: 'hello',
    seq,
    timestamp: new Date(T0 + seq * 1000).toISOString(),
    data,
  };
}

export function step(id: string, extra: EventFrame['data'] = {}): EventFrame['data'] {
  return { step_id: id, step_name: `Step ${id}`, kind: 'set', attempt: 1, progress: 0, ...extra };
}

export type Ending = 'completed' | 'failed' | 'cancelled' | 'timed_out';
const ENDINGS: Record<Ending, EventFrame['data']> = {
  completed: { steps_completed: 1 },
  failed: { error: { code: 'boom', message: 'it broke' } },
  cancelled: { by: 'ada', uncertain_steps: [] },
  timed_out: { error: { code: 'timed_out', message: 'too slow' } },
};

/** A whole execution of one step, ending as asked. */
export function story(ending: Ending): EventFrame[] {
  return [
    event(1, 'queued', { workflow_version: 1, submitted_by: 'ada' }),
    event(2, 'started', { worker_id: 'w1', steps_total: 1 }),
    event(3, 'step_started', step('a')),
    event(4, 'step_completed', step('a', { duration_ms: 12, output: 1 })),
    event(5, ending, ENDINGS[ending]),
  ];
}

export function execution(status: string): Record<string, unknown> {
  const error = status === 'failed' ? { code: 'boom', message: 'it broke', step_id: 'a' } : null;
  return {
    execution_id: EXECUTION,
    workflow_id: 'hello',
    workflow_version: 1,
    status,
    parameters: {},
    created_at: '2026-11-01T12:00:01.000Z',
    started_at: null,
    completed_at: null,
    duration_seconds: 4,
    current_step: null,
    steps_completed: 1,
    steps_total: 1,
    result: status === 'completed' ? { workflow_name: 'Hello', steps_completed: 1, output: { n: 1 } } : null,
    error,
    usage: null,
    owner: 'ada',
    submitted_by: 'ada',
    retry_of: null,
    root_id: EXECUTION,
    trace_id: 't',
  };
}

/** The workflow resource that the server would answer for a definition. */
export function workflow(definition: Record<string, unknown>, version = 1): Record<string, unknown> {
  return {
    id: 'hello',
    description: '',
    metadata: {},
    status: 'active',
    owner: 'ada',
    version,
    revision: version,
    node_count: 1,
    tags: [],
    created_at: '2026-11-01T12:00:00.000Z',
    updated_at: '2026-11-01T12:00:00.000Z',
    created_by: 'ada',
    updated_by: 'ada',
    ...definition,
    workflow_id: 'hello',
  };
}
