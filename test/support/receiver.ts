/** A real HTTP server that others call, for tests of what calls out: it keeps what it got and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { close, listen } from '@millrace/service-kit';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  /** `http://127.0.0.1:…`, without a path. */
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** What was called at this path, in order. */
  at(path: string): ReceivedRequest[];
  /** How this path answers from now on; 204 without. */
  answer(path: string, respond: (response: ServerResponse, calls: number) => void): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const answers = new Map<string, (response: ServerResponse, calls: number) => void>();
  const at = (path: string): ReceivedRequest[] => requests.filter((request) => request.path === path);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      requests.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') });
      const respond = answers.get(path);
      if (respond) respond(response, at(path).length);
      else response.writeHead(204).end();
    });
  });
  await listen(server, 0, '127.0.0.1');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    ...{ requests, at },
    answer: (path, respond) => answers.set(path, respond),
    async stop() {
      server.closeAllConnections();
      await close(server);
    },
  };
}
