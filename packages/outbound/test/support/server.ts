import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface TestServer {
  readonly port: number;
  readonly origin: string;
  /** Every request received, in order. */
  readonly seen: Seen[];
  close(): Promise<void>;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly localAddress: string;
}

export type Handler = (request: Seen, response: ServerResponse, raw: IncomingMessage) => void;

function listen(server: Server, host: string): Promise<number> {
  return new Promise((done, refuse) => {
    server.once('error', refuse);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') refuse(new Error('No port'));
      else done(address.port);
    });
  });
}

/** A real HTTP server on a free port. */
export async function startServer(handle: Handler, host = '127.0.0.1'): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((raw, response) => {
    buffer(raw).then(
      (bytes) => {
        const request = {
          method: raw.method ?? '',
          path: raw.url ?? '',
          headers: raw.headers,
          body: bytes.toString('utf8'),
          localAddress: raw.socket.localAddress ?? '',
        };
        seen.push(request);
        handle(request, response, raw);
      },
      () => {
        response.destroy();
      },
    );
  });
  const port = await listen(server, host);
  return {
    port,
    origin: `http://127.0.0.1:${String(port)}`,
    seen,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => {
          done();
        });
      }),
  };
}
