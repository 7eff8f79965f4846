/** The world that http_request steps call: a server that counts, answers as told, and notices who hangs up. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly body: string;
  /** The caller closed the connection before it had its answer. */
  isAborted: boolean;
}

export type Answer = (call: Call, response: ServerResponse) => void | Promise<void>;

export interface Target {
  readonly url: string;
  /** `host:port`, for an allowlist. */
  readonly address: string;
  readonly calls: Call[];
  callsTo(path: string): Call[];
  /** What is answered under a path; everything else is 200 with `{"path": …}`. */
  on(path: string, answer: Answer): void;
  stop(): Promise<void>;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Never answers; the call ends when the caller hangs up. */
export const hold: Answer = () => undefined;

export async function startTarget(): Promise<Target> {
  const calls: Call[] = [];
  const answers = new Map<string, Answer>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const key = request.headers['idempotency-key'];
    const path = request.url ?? '/';
    const call: Call = {
      method: request.method ?? '',
      path,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      body: Buffer.concat(chunks).toString(),
      isAborted: false,
    };
    calls.push(call);
    response.on('close', () => {
      if (!response.writableFinished) call.isAborted = true;
    });
    const answer = answers.get(path.split('?')[0] ?? '');
    if (answer === undefined) sendJson(response, 200, { path });
    else await answer(call, response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => {
      response.destroy();
    });
  });
  // Callers alone close idle connections: on a busy machine a request may otherwise go out on one that is just being closed.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('the target has no port');
  const address = `127.0.0.1:${String(bound.port)}`;

  return {
    url: `http://${address}`,
    address,
    calls,
    callsTo: (path) => calls.filter((call) => call.path === path),
    on(path, answer) {
      answers.set(path, answer);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
